//! What a Lambda hook answers, declared by its function name's last words.
//!
//! | name ends with | the hook |
//! |---|---|
//! | `-succeeds` or anything else | passes at once |
//! | `-fails` | fails at once |
//! | `-hangs` | never answers |
//! | `-succeeds-after-90s`, `-fails-after-90s` | decides after 90 s |

use std::time::Duration;

use crate::image::duration;

/// What calling the hook comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum HookBehaviour {
    /// It passes, after this long.
    Succeeds(Duration),
    /// It fails, after this long.
    Fails(Duration),
    /// It stays in progress until the caller's own limit.
    Hangs,
}

impl HookBehaviour {
    /// Reads the behaviour a function name or ARN declares; a version or alias after the name is ignored.
    pub(crate) fn of(function: &str) -> Self {
        let mut parts = function.split(':');
        let name = match parts.nth(6) {
            Some(name) => name,
            None => function.split(':').next().unwrap_or(function),
        };
        if name.ends_with("-hangs") {
            return Self::Hangs;
        }
        if name.ends_with("-fails") {
            return Self::Fails(Duration::ZERO);
        }
        let Some((verb, after)) = name.rsplit_once("-after-") else {
            return Self::Succeeds(Duration::ZERO);
        };
        let after = duration(after).unwrap_or_default();
        if verb.ends_with("-fails") {
            Self::Fails(after)
        } else {
            Self::Succeeds(after)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_function_name_decides() {
        let of = HookBehaviour::of;
        assert_eq!(of("smoke"), HookBehaviour::Succeeds(Duration::ZERO));
        assert_eq!(
            of("arn:aws:lambda:eu-west-1:123456789012:function:smoke-fails:live"),
            HookBehaviour::Fails(Duration::ZERO)
        );
        assert_eq!(
            of("arn:aws:lambda:eu-west-1:123456789012:function:smoke-hangs"),
            HookBehaviour::Hangs
        );
        assert_eq!(
            of("smoke-succeeds-after-90s"),
            HookBehaviour::Succeeds(Duration::from_secs(90))
        );
        assert_eq!(
            of("smoke-fails-after-2m"),
            HookBehaviour::Fails(Duration::from_secs(120))
        );
    }
}
