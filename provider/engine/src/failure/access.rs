//! What to do when a call was refused because of who made it.

use crate::ports::Error;

/// What is wrong with the credentials of a refused call. The kind is the same for all of them, because
/// nothing is decided by it; what the user has to do is not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Access {
    /// They were good once.
    Expired,
    /// The request is too old or from the future: almost always the clock.
    OutOfTime,
    /// AWS does not accept them at all.
    Unknown,
    /// There are none, or this provider refuses them itself; the message says which and what to do.
    Settings,
    /// They are good and do not allow this.
    NotAllowed,
}

/// Whether no call was made, because AWS cannot be called as configured.
pub(crate) fn is_of_settings(error: &Error) -> bool {
    matches!(
        error.code.as_str(),
        "AccountRefused"
            | "CertificateBundle"
            | "InvalidCredentials"
            | "InvalidEndpoint"
            | "InvalidRegion"
            | "MissingCredentials"
            | "MissingRegion"
            | "SharedFiles"
            | "UnknownProfile"
    )
}

fn access(error: &Error) -> Access {
    match error.code.as_str() {
        "ExpiredToken" | "ExpiredTokenException" => Access::Expired,
        "RequestExpired" => Access::OutOfTime,
        // Both shapes also carry requests whose time is off; their message says `Signature expired`.
        "InvalidSignatureException" | "SignatureDoesNotMatch"
            if error.message.contains("Signature expired")
                || error.message.contains("Signature not yet current") =>
        {
            Access::OutOfTime
        }
        "AuthFailure"
        | "IncompleteSignature"
        | "IncompleteSignatureException"
        | "InvalidClientTokenId"
        | "InvalidSignatureException"
        | "MissingAuthenticationToken"
        | "MissingAuthenticationTokenException"
        | "SignatureDoesNotMatch"
        | "UnrecognizedClientException" => Access::Unknown,
        _ if is_of_settings(error) => Access::Settings,
        _ => Access::NotAllowed,
    }
}

/// What to do about an error of kind [`Denied`](crate::ports::ErrorKind::Denied), as sentences. The action
/// to allow is named as a policy names it.
pub fn access_advice(error: &Error) -> String {
    if error.operation.starts_with("folder:") {
        return format!(
            "Allow the user of this run to read and write `{}`, or choose a different folder, then run the command \
             again.",
            error.target
        );
    }
    match access(error) {
        Access::Expired => {
            "The credentials of this run have expired: sign in again, or fetch new ones, and run the command again."
                .to_owned()
        }
        Access::OutOfTime => {
            "Correct the clock of this machine, and run the command again.".to_owned()
        }
        Access::Unknown => {
            "AWS does not accept the credentials of this run: check the access key, the secret access key, the session \
             token and the profile they come from; sign in again if they are temporary."
                .to_owned()
        }
        Access::Settings => {
            "Correct the credentials or the provider configuration, and run the command again.".to_owned()
        }
        Access::NotAllowed => {
            let missing = missing(&error.message);
            let what = match missing {
                Some((action, Some(resource))) => format!("`{action}` on `{resource}`"),
                Some((action, None)) => format!("`{action}`"),
                None => format!("`{}`", error.operation),
            };
            format!("Allow {what} for the credentials of this run, then run the command again.")
        }
    }
}

/// The action that AWS misses, and on what, where it says so: a call may need other actions than its own, and some
/// operations have actions of other names.
fn missing(message: &str) -> Option<(&str, Option<&str>)> {
    let (_, rest) = message.split_once("is not authorized to perform: ")?;
    let mut words = rest.split_whitespace();
    let action = words.next().filter(|action| action.contains(':'))?;
    let resource = match (words.next(), words.next(), words.next()) {
        (Some("on"), Some("resource:"), Some(resource)) => Some(resource.trim_matches('"')),
        (_, _, _) => None,
    };
    Some((action, resource.filter(|resource| *resource != "*")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ports::ErrorKind;

    fn advice(code: &str, message: &str) -> String {
        access_advice(&Error {
            operation: "ecs:UpdateService",
            target: "web".to_owned(),
            kind: ErrorKind::Denied,
            code: code.to_owned(),
            message: message.to_owned(),
            request_id: None,
        })
    }

    #[test]
    fn a_folder_has_nothing_to_do_with_credentials() {
        let text = access_advice(&Error {
            operation: "folder:Write",
            target: "kept/main/web".to_owned(),
            kind: ErrorKind::Denied,
            code: "PermissionDenied (os error 13)".to_owned(),
            message: "permission denied".to_owned(),
            request_id: None,
        });
        assert!(text.contains("read and write `kept/main/web`"), "{text}");
        assert!(!text.contains("credentials"), "{text}");
    }

    #[test]
    fn what_helps_depends_on_what_is_wrong_with_the_credentials() {
        for (code, message, says) in [
            ("ExpiredToken", "", "sign in again"),
            ("ExpiredTokenException", "", "sign in again"),
            ("RequestExpired", "", "clock"),
            (
                "InvalidSignatureException",
                "Signature expired: 20260101T000000Z is now earlier than",
                "clock",
            ),
            (
                "InvalidSignatureException",
                "The request signature we calculated does not match",
                "check the access key",
            ),
            ("UnrecognizedClientException", "", "check the access key"),
            ("MissingCredentials", "", "Correct the credentials"),
            ("MissingRegion", "", "Correct the credentials"),
            ("AccessDeniedException", "", "Allow `ecs:UpdateService`"),
            ("AccessDenied", "", "Allow `ecs:UpdateService`"),
            ("NeverSeen", "", "Allow `ecs:UpdateService`"),
            (
                "AccessDeniedException",
                "User: arn:aws:sts::1:assumed-role/ci/x is not authorized to perform: iam:PassRole on resource: \
                 arn:aws:iam::1:role/ecs because no identity-based policy allows the iam:PassRole action",
                "Allow `iam:PassRole` on `arn:aws:iam::1:role/ecs` for",
            ),
            (
                "AccessDenied",
                "User: arn:aws:iam::1:user/x is not authorized to perform: s3:ListBucket on resource: \
                 \"arn:aws:s3:::kept\" because no identity-based policy allows the s3:ListBucket action",
                "Allow `s3:ListBucket` on `arn:aws:s3:::kept` for",
            ),
            (
                "AccessDenied",
                "User: arn:aws:iam::1:user/x is not authorized to perform: elasticloadbalancing:DescribeRules because no \
                 identity-based policy allows the elasticloadbalancing:DescribeRules action",
                "Allow `elasticloadbalancing:DescribeRules` for",
            ),
            (
                "AccessDeniedException",
                "User: x is not authorized to perform: ecs:DescribeTaskDefinition on resource: * because",
                "Allow `ecs:DescribeTaskDefinition` for",
            ),
        ] {
            let text = advice(code, message);
            assert!(text.contains(says), "{code}: {text}");
        }
    }
}
