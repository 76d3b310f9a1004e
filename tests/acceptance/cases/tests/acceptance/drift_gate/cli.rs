//! Commands of the AWS command line as the calls they make: its names are those of AWS's models, written with hyphens.

use serde_json::{Map, Value, json};

/// Service, operation and input of a command of the report.
pub(super) fn call(command: &str) -> (String, String, Value) {
    let words = words(command);
    let [aws, service, operation, options @ ..] = words.as_slice() else {
        panic!("no command of the AWS command line: {command}");
    };
    assert_eq!(aws, "aws", "{command}");
    let mut input = Map::new();
    let mut options = options.iter().peekable();
    while let Some(option) = options.next() {
        let name = option.strip_prefix("--").unwrap();
        let value = options.next_if(|value| !value.starts_with("--"));
        match (name, value) {
            // The two ends of one option.
            ("ingress" | "egress", None) => {
                input.insert("Egress".to_owned(), json!(name == "egress"));
            }
            (_, None) => panic!("{option} has no value: {command}"),
            ("ip-permissions", Some(value)) => {
                input.insert("IpPermissions".to_owned(), json!([shorthand(value)]));
            }
            ("attributes", Some(value)) => {
                input.insert("Attributes".to_owned(), shorthand(value));
            }
            ("rule-number", Some(value)) => {
                input.insert(
                    "RuleNumber".to_owned(),
                    json!(value.parse::<u32>().unwrap()),
                );
            }
            (_, Some(value)) => {
                input.insert(camel(name), json!(value));
            }
        }
    }
    let service = match service.as_str() {
        "s3api" => "s3",
        service => service,
    };
    (service.to_owned(), camel(operation), input.into())
}

/// `detach-role-policy` → `DetachRolePolicy`.
fn camel(name: &str) -> String {
    let word = |word: &str| match word {
        "cidr" => "Cidr".to_owned(),
        "url" => "Url".to_owned(),
        word => {
            let mut letters = word.chars();
            let first = letters
                .next()
                .map(|letter| letter.to_uppercase().to_string());
            first.unwrap_or_default() + letters.as_str()
        }
    };
    name.split('-').map(word).collect()
}

/// The words of a command, as a POSIX shell takes them.
fn words(command: &str) -> Vec<String> {
    let (mut words, mut word, mut is_quoted) = (Vec::new(), String::new(), false);
    for character in command.chars() {
        match character {
            '\'' => is_quoted = !is_quoted,
            ' ' if !is_quoted => words.push(std::mem::take(&mut word)),
            other => word.push(other),
        }
    }
    words.push(word);
    words
}

/// One word without its quotation marks.
pub(super) fn unquoted(word: &str) -> String {
    words(word).concat()
}

/// `A=1,B=[{C=x}]`, the command line's short form of an object.
fn shorthand(text: &str) -> Value {
    let (value, rest) = object(text);
    assert_eq!(rest, "", "{text}");
    value
}

fn object(mut text: &str) -> (Value, &str) {
    let mut object = Map::new();
    loop {
        let (key, rest) = text.split_once('=').unwrap();
        let (value, rest) = match rest.strip_prefix("[{") {
            Some(inner) => {
                let (inner, rest) = self::object(inner);
                (json!([inner]), rest.strip_prefix("}]").unwrap())
            }
            None => {
                let end = rest.find([',', '}']).unwrap_or(rest.len());
                let (word, rest) = rest.split_at(end);
                let value = match (key, word.parse::<i64>()) {
                    ("FromPort" | "ToPort", Ok(port)) => json!(port),
                    _ => json!(word),
                };
                (value, rest)
            }
        };
        object.insert(key.to_owned(), value);
        match rest.strip_prefix(',') {
            Some(more) => text = more,
            None => return (object.into(), rest),
        }
    }
}
