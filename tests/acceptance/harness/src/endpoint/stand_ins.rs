//! Cases name subnets, a security group, roles and images that only the lab takes as they are. Elsewhere the things that
//! are really there stand in for them, in both directions, so that a case reads the names it wrote.

use serde_json::{Value, json};

use super::caller::Caller;
use super::kind::Kind;
use crate::terraform::setting;

/// Pairs of a case's name and the name at the endpoint.
#[derive(Clone, Debug, Default)]
pub struct StandIns(Vec<(String, String)>);

impl StandIns {
    /// The default VPC (or the one in `SWITCHYARD_TEST_VPC`) with two of its subnets and its default security group;
    /// roles from `SWITCHYARD_TEST_INFRASTRUCTURE_ROLE` and `SWITCHYARD_TEST_CODEDEPLOY_ROLE`.
    pub(super) fn find(caller: &mut Caller, kind: &Kind) -> Self {
        let mut pairs = Vec::new();
        for (name, variable) in [
            ("ecs-infrastructure", "SWITCHYARD_TEST_INFRASTRUCTURE_ROLE"),
            ("codedeploy", "SWITCHYARD_TEST_CODEDEPLOY_ROLE"),
        ] {
            if let Some(role) = setting(variable) {
                pairs.push((format!("arn:aws:iam::123456789012:role/{name}"), role));
            }
        }
        if *kind != Kind::Lab {
            // An endpoint without EC2 keeps the cases' names.
            pairs.extend(network(caller).unwrap_or_default());
        }
        Self(pairs)
    }

    /// A text for the endpoint.
    #[must_use]
    pub fn text(&self, text: &str) -> String {
        let pairs = self.0.iter();
        exchanged(
            text,
            pairs.map(|(here, there)| (here.as_str(), there.as_str())),
        )
    }

    pub(super) fn there(&self, value: &Value) -> Value {
        replaced(value, &|text| self.text(text))
    }

    pub(super) fn here(&self, value: &Value) -> Value {
        replaced(value, &|text| {
            let pairs = self.0.iter();
            exchanged(
                text,
                pairs.map(|(here, there)| (there.as_str(), here.as_str())),
            )
        })
    }
}

/// Puts the second of each pair where the first is, in one pass: what was put in may look like another pair's first.
fn exchanged<'a>(text: &str, pairs: impl Iterator<Item = (&'a str, &'a str)> + Clone) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(next) = rest.chars().next() {
        let found = pairs
            .clone()
            .find_map(|(from, to)| Some((to, rest.strip_prefix(from)?)));
        match found {
            Some((to, after)) => {
                out += to;
                rest = after;
            }
            None => {
                out.push(next);
                rest = rest.get(next.len_utf8()..).unwrap_or_default();
            }
        }
    }
    out
}

fn replaced(value: &Value, text: &dyn Fn(&str) -> String) -> Value {
    match value {
        Value::String(found) => Value::String(text(found)),
        Value::Array(values) => values.iter().map(|value| replaced(value, text)).collect(),
        Value::Object(fields) => fields
            .iter()
            .map(|(name, value)| (name.clone(), replaced(value, text)))
            .collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) => value.clone(),
    }
}

fn network(caller: &mut Caller) -> Option<Vec<(String, String)>> {
    let filter =
        |name: &str, value: &str| json!({ "Filters": [{ "Name": name, "Values": [value] }] });
    let mut ids = |operation: &str, filter: Value, list: &str, id: &str| {
        let answer = caller.call("ec2", operation, filter).ok()?;
        let found = answer[list].as_array()?.iter();
        Some(
            found
                .filter_map(|one| Some(one[id].as_str()?.to_owned()))
                .collect::<Vec<_>>(),
        )
    };
    let vpc = match setting("SWITCHYARD_TEST_VPC") {
        Some(vpc) => vpc,
        None => ids(
            "DescribeVpcs",
            filter("is-default", "true"),
            "Vpcs",
            "VpcId",
        )?
        .pop()?,
    };
    // Each subnet of a default VPC is in a zone of its own, as load balancers need them.
    let mut subnets = ids(
        "DescribeSubnets",
        filter("vpc-id", &vpc),
        "Subnets",
        "SubnetId",
    )?;
    subnets.sort();
    let mut in_vpc = filter("vpc-id", &vpc);
    in_vpc["Filters"]
        .as_array_mut()?
        .push(json!({ "Name": "group-name", "Values": ["default"] }));
    let group = ids(
        "DescribeSecurityGroups",
        in_vpc,
        "SecurityGroups",
        "GroupId",
    )?
    .pop()?;
    let mut subnets = subnets.into_iter();
    Some(vec![
        ("vpc-0a".to_owned(), vpc),
        ("subnet-0a".to_owned(), subnets.next()?),
        ("subnet-0b".to_owned(), subnets.next()?),
        ("sg-0a".to_owned(), group),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_case_reads_the_names_it_wrote() {
        let names = StandIns(vec![
            ("subnet-0a".to_owned(), "subnet-1111".to_owned()),
            ("sg-0a".to_owned(), "sg-2222".to_owned()),
        ]);
        let input = json!({ "subnets": ["subnet-0a"], "count": 2, "sg": { "id": "sg-0a" } });
        let there = names.there(&input);
        assert_eq!(
            there,
            json!({ "subnets": ["subnet-1111"], "count": 2, "sg": { "id": "sg-2222" } })
        );
        assert_eq!(names.here(&there), input);
        assert_eq!(names.text("[\"subnet-0a\"]"), "[\"subnet-1111\"]");
    }

    #[test]
    fn what_stands_in_may_look_like_another_name() {
        let names = StandIns(vec![
            ("subnet-0a".to_owned(), "subnet-0b77".to_owned()),
            ("subnet-0b".to_owned(), "subnet-0a99".to_owned()),
        ]);
        let input = json!(["subnet-0a", "subnet-0b"]);
        let there = names.there(&input);
        assert_eq!(there, json!(["subnet-0b77", "subnet-0a99"]));
        assert_eq!(names.here(&there), input);
    }
}
