//! Both wire forms against bytes recorded from Terraform, and against random
//! values and bytes.

mod json;
mod models;
mod msgpack;
mod properties;

use super::Value;

fn bytes(hex: &str) -> Vec<u8> {
    let digits: Vec<char> = hex.chars().filter(|digit| !digit.is_whitespace()).collect();
    digits
        .chunks(2)
        .map(|pair| u8::from_str_radix(&pair.iter().collect::<String>(), 16).unwrap())
        .collect()
}

fn followed_by(header: &str, text: &str) -> Vec<u8> {
    [bytes(header), text.as_bytes().to_vec()].concat()
}

fn number(text: &str) -> Value {
    Value::Number(text.parse().unwrap())
}
