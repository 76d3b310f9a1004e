//! What the client puts into the environment of a provider process.

use base64::{Engine as _, engine::general_purpose::STANDARD_NO_PAD};

/// Lines `NAME=VALUE`, a value of several lines with `\n` written out. Whatever they say, the answer is one line of six or
/// seven fields that the client can split, or none.
pub fn handshake(input: &[u8]) {
    let text = String::from_utf8_lossy(input);
    let variables = text
        .split('\n')
        .filter_map(|line| line.split_once('='))
        .map(|(name, value)| (name.to_owned(), value.replace("\\n", "\n")))
        .collect();
    let asked_for_more = |line: &str| line.matches('|').count() == 6;
    let Some(line) = tfplugin::testing::handshake(&variables) else {
        return;
    };
    let Some(line) = line.strip_suffix('\n') else {
        panic!("no end: {line:?}")
    };
    let fields: Vec<&str> = line.split('|').collect();
    assert!(
        matches!(fields.len(), 6 | 7) && !line.contains('\n'),
        "{line:?}"
    );
    assert_eq!(fields.len() == 7, asked_for_more(line), "{line:?}");
    assert_eq!(fields.get(..3), Some(&["1", "6", "tcp"][..]), "{line:?}");
    let certificate = fields.get(5).copied().unwrap_or_default();
    assert!(STANDARD_NO_PAD.decode(certificate).is_ok(), "{line:?}");
}
