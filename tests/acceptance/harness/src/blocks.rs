//! Blocks from one line.
//!
//! A test says what it is about in one line, `{ strategy = "canary", canary = { percent = 10, interval = "5m" } }`. HCL
//! wants a block for each structure, and a line for each argument.

/// Objects that are maps, and stay arguments.
const MAPS: [&str; 7] = [
    "dimensions",
    "headers",
    "images",
    "json",
    "options",
    "redeploy_triggers",
    "tags",
];

/// `name` with what is written for it: a block for an object, a block for each object of a list, an argument for
/// everything else.
#[must_use]
pub fn written(name: &str, value: &str) -> String {
    let value = value.trim();
    let inside = |open, close| value.strip_prefix(open)?.strip_suffix(close);
    if MAPS.contains(&name) {
        return format!("{name} = {value}\n");
    }
    if let Some(members) = inside('{', '}') {
        return format!("{name} {{\n{}}}\n", arguments(members));
    }
    match inside('[', ']').map(parts) {
        Some(elements) if !elements.is_empty() && elements.iter().all(|it| it.starts_with('{')) => {
            elements.iter().map(|it| written(name, it)).collect()
        }
        Some(_) | None => format!("{name} = {value}\n"),
    }
}

/// The arguments and blocks of an object's inside.
fn arguments(members: &str) -> String {
    let members = parts(members).into_iter();
    members
        .map(|member| match member.split_once('=') {
            Some((name, value)) => written(name.trim(), value),
            None => format!("{member}\n"),
        })
        .collect()
}

/// What stands between commas and line breaks that are in no brackets and no quotes.
fn parts(text: &str) -> Vec<&str> {
    let (mut depth, mut quoted, mut escaped) = (0_usize, false, false);
    let parts = text.split(|letter| {
        if std::mem::take(&mut escaped) {
            return false;
        }
        match letter {
            '\\' => escaped = true,
            '"' => quoted = !quoted,
            _ if quoted => {}
            '{' | '[' | '(' => depth += 1,
            '}' | ']' | ')' => depth = depth.saturating_sub(1),
            ',' | '\n' => return depth == 0,
            _ => {}
        }
        false
    });
    parts
        .map(str::trim)
        .filter(|part| !part.is_empty())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn objects_become_blocks_and_maps_stay() {
        let gate = "{ name = \"a,b\", http = { path = \"/{x}\", json = { \"/a\" = \"1\" } } }";
        assert_eq!(
            written("gate", &format!("[{gate}, {{}}]")),
            "gate {\nname = \"a,b\"\nhttp {\npath = \"/{x}\"\njson = { \"/a\" = \"1\" }\n}\n}\ngate {\n}\n"
        );
        assert_eq!(written("when", "[\"step\"]"), "when = [\"step\"]\n");
        assert_eq!(written("gate", "[]"), "gate = []\n");
    }
}
