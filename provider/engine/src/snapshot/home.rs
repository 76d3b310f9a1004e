//! Whose a snapshot is: clusters and services of one name are in many accounts and regions.

use std::fmt;

/// An account and a region.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Home {
    /// Account id.
    pub account: String,
    /// Region.
    pub region: String,
}

impl Home {
    /// Of an object: `arn:PARTITION:SERVICE:REGION:ACCOUNT:…`. Absent for what is no ARN, or one without a region.
    pub fn of_arn(arn: &str) -> Option<Self> {
        let mut parts = arn.split(':');
        if parts.next() != Some("arn") {
            return None;
        }
        let (region, account) = (parts.nth(2)?, parts.next()?);
        parts.next()?;
        // Both become folders: nothing else may get into a name.
        let is_plain = |text: &str| {
            !text.is_empty()
                && text
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        };
        (is_plain(region) && is_plain(account)).then(|| Self {
            account: account.to_owned(),
            region: region.to_owned(),
        })
    }
}

impl fmt::Display for Home {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "account {}, region {}", self.account, self.region)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_arn_says_whose_it_is() {
        let home = Home::of_arn("arn:aws:ecs:eu-west-1:123456789012:task-definition/web:1");
        assert_eq!(
            home.unwrap().to_string(),
            "account 123456789012, region eu-west-1"
        );
        for none in [
            "",
            "web:1",
            "arn:aws:iam::123456789012:role/x",
            "arn:aws:ecs:eu-west-1",
            "arn:aws:ecs:../x:123456789012:y",
            "x:aws:ecs:eu-west-1:123456789012:y",
        ] {
            assert_eq!(Home::of_arn(none), None, "{none}");
        }
    }
}
