//! What may be written down of a reference: only what by its form is one.

/// Written in place of what is not by its form a reference. A value somebody put where a reference belongs must
/// not get into a snapshot.
const NOT_SHOWN: &str = "reference";

/// A secret's `valueFrom`: the ARN of a secret or parameter, or a parameter's name with a path. A name without a
/// path cannot be told from a value and is not shown.
pub(super) fn secret(text: &str) -> String {
    let is_parameter = text.starts_with('/') && text.bytes().all(is_parameter_byte);
    let shown = is_parameter || is_arn(text, &["secretsmanager", "ssm"]);
    if shown { text } else { NOT_SHOWN }.to_owned()
}

/// An object in S3.
pub(super) fn object(text: &str) -> String {
    let shown = is_arn(text, &["s3"]);
    if shown { text } else { NOT_SHOWN }.to_owned()
}

/// A log group's name.
pub(super) fn log_group(text: &str) -> Option<String> {
    let named = |byte| is_parameter_byte(byte) || byte == b'#';
    text.bytes().all(named).then(|| text.to_owned())
}

/// `arn:PARTITION:SERVICE:REGION:ACCOUNT:REST`
fn is_arn(text: &str, services: &[&str]) -> bool {
    let mut parts = text.splitn(6, ':');
    parts.next() == Some("arn")
        && parts
            .next()
            .is_some_and(|partition| partition.starts_with("aws"))
        && parts
            .next()
            .is_some_and(|service| services.contains(&service))
        && parts.nth(2).is_some_and(|rest| !rest.is_empty())
        && text.bytes().all(is_arn_byte)
}

fn is_parameter_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'.' | b'_' | b'-')
}

fn is_arn_byte(byte: u8) -> bool {
    is_parameter_byte(byte) || matches!(byte, b':' | b'+' | b'=' | b'@' | b'!' | b'*')
}
