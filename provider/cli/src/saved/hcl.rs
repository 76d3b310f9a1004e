//! The structure of a configuration's sources: blocks and arguments, without what expressions mean.

/// How deep blocks may lie in each other.
const DEEPEST: usize = 64;

/// What stands in a body.
#[derive(Debug, PartialEq)]
pub(super) enum Item<'t> {
    /// An argument, with its expression as it is written.
    Argument { name: &'t str, expression: &'t str },
    Block {
        name: &'t str,
        labels: Vec<&'t str>,
        items: Vec<Item<'t>>,
    },
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Token<'t> {
    Name(&'t str),
    /// Between quotation marks, as it is written.
    Text(&'t str),
    Open(char),
    Close(char),
    Equals,
    Line,
    Other(char),
    End,
}

/// The body of a file; nothing when its structure is not understood.
pub(super) fn parse(text: &str) -> Option<Vec<Item<'_>>> {
    let mut scanner = Scanner {
        rest: text.strip_prefix('\u{feff}').unwrap_or(text),
    };
    let items = scanner.body(DEEPEST, Token::End)?;
    Some(items)
}

/// The names that a list begins its elements with, such as `policy` and `tags` in `[policy, tags["a"]]`; or the one word
/// that stands in its place.
pub(super) fn list_names(expression: &str) -> Vec<&str> {
    let mut scanner = Scanner { rest: expression };
    let (mut names, mut depth, mut begins) = (Vec::new(), 0_usize, true);
    loop {
        match scanner.token() {
            Token::Name(name) | Token::Text(name) if begins && depth <= 1 => {
                names.push(name);
                begins = false;
            }
            Token::Open(_) => depth += 1,
            Token::Close(_) => depth = depth.saturating_sub(1),
            Token::Other(',') if depth == 1 => begins = true,
            Token::End => return names,
            Token::Name(_) | Token::Text(_) | Token::Equals | Token::Line | Token::Other(_) => {}
        }
    }
}

struct Scanner<'t> {
    rest: &'t str,
}

impl<'t> Scanner<'t> {
    /// The items up to the end of a body.
    fn body(&mut self, deepest: usize, end: Token<'_>) -> Option<Vec<Item<'t>>> {
        let deeper = deepest.checked_sub(1)?;
        let mut items = Vec::new();
        loop {
            let name = match self.token() {
                Token::Line => continue,
                Token::Name(name) => name,
                token => return (token == end).then_some(items),
            };
            items.push(self.item(name, deeper)?);
        }
    }

    fn item(&mut self, name: &'t str, deepest: usize) -> Option<Item<'t>> {
        let mut labels = Vec::new();
        loop {
            match self.token() {
                Token::Equals if labels.is_empty() => {
                    let expression = self.expression()?;
                    return Some(Item::Argument { name, expression });
                }
                Token::Name(label) | Token::Text(label) => labels.push(label),
                Token::Open('{') => {
                    let items = self.body(deepest, Token::Close('}'))?;
                    return Some(Item::Block {
                        name,
                        labels,
                        items,
                    });
                }
                Token::Open(_)
                | Token::Close(_)
                | Token::Equals
                | Token::Line
                | Token::Other(_)
                | Token::End => return None,
            }
        }
    }

    /// Passes an expression, which ends with its line unless brackets are open.
    fn expression(&mut self) -> Option<&'t str> {
        let start = self.rest;
        let mut depth = 0_usize;
        loop {
            let before = self.rest;
            match self.token() {
                Token::Open(_) => depth += 1,
                // The end of a body in one line, which is not part of the expression.
                Token::Close('}') if depth == 0 => {
                    self.rest = before;
                    return Some(passed(start, before));
                }
                Token::Close(_) => depth = depth.checked_sub(1)?,
                Token::Line if depth == 0 => return Some(passed(start, before)),
                Token::End if depth == 0 => return Some(passed(start, before)),
                Token::End => return None,
                Token::Name(_) | Token::Text(_) | Token::Equals | Token::Line | Token::Other(_) => {
                }
            }
        }
    }

    fn pass(&mut self, length: usize) -> &'t str {
        let (passed, rest) = self
            .rest
            .split_at_checked(length)
            .unwrap_or((self.rest, ""));
        self.rest = rest;
        passed
    }

    /// Passes everything before the end of the line.
    fn pass_line(&mut self) -> &'t str {
        let length = self.rest.find('\n').unwrap_or(self.rest.len());
        self.pass(length)
    }

    fn token(&mut self) -> Token<'t> {
        loop {
            let space = |c: char| c.is_whitespace() && c != '\n';
            self.rest = self.rest.trim_start_matches(space);
            if self.rest.starts_with('#') || self.rest.starts_with("//") {
                self.pass_line();
            } else if let Some(comment) = self.rest.strip_prefix("/*") {
                self.rest = comment.split_once("*/").map_or("", |(_, rest)| rest);
            } else {
                break;
            }
        }
        if self.rest.starts_with("<<") && self.heredoc() {
            return Token::Other('<');
        }
        let Some(first) = self.rest.chars().next() else {
            return Token::End;
        };
        if first.is_alphabetic() || first == '_' {
            let is_part = |c: char| c.is_alphanumeric() || c == '_' || c == '-';
            let end = self.rest.find(|c| !is_part(c)).unwrap_or(self.rest.len());
            return Token::Name(self.pass(end));
        }
        self.pass(first.len_utf8());
        match first {
            '\n' => Token::Line,
            '"' => Token::Text(self.text()),
            '{' | '[' | '(' => Token::Open(first),
            '}' | ']' | ')' => Token::Close(first),
            // A comparison is no assignment.
            '=' | '!' | '<' | '>' if self.rest.starts_with('=') => {
                self.pass(1);
                Token::Other(first)
            }
            '=' => Token::Equals,
            other => Token::Other(other),
        }
    }

    /// Passes a text whose first quotation mark was passed, and what is inserted into it.
    fn text(&mut self) -> &'t str {
        let start = self.rest;
        loop {
            let Some(place) = self.rest.find(['"', '\\', '$', '%']) else {
                self.rest = "";
                return start;
            };
            self.pass(place);
            let before = self.rest;
            if self.rest.starts_with('"') {
                self.pass(1);
                return passed(start, before);
            } else if self.rest.starts_with('\\') {
                let next = self.rest.chars().nth(1).map_or(0, char::len_utf8);
                self.pass(1 + next);
            } else if self.rest.starts_with("$${") || self.rest.starts_with("%%{") {
                self.pass(3);
            } else if self.rest.starts_with("${") || self.rest.starts_with("%{") {
                self.pass(2);
                self.inserted();
            } else {
                self.pass(1);
            }
        }
    }

    /// Passes what is inserted into a text.
    fn inserted(&mut self) {
        let mut depth = 1_usize;
        while depth > 0 {
            match self.token() {
                Token::Open('{') => depth += 1,
                Token::Close('}') => depth -= 1,
                Token::End => return,
                Token::Name(_)
                | Token::Text(_)
                | Token::Open(_)
                | Token::Close(_)
                | Token::Equals
                | Token::Line
                | Token::Other(_) => {}
            }
        }
    }

    /// Passes a text in lines of its own, up to the line that ends it.
    fn heredoc(&mut self) -> bool {
        let before = self.rest;
        self.pass(2);
        self.rest = self.rest.strip_prefix('-').unwrap_or(self.rest);
        let mark = self.pass_line().trim();
        if mark.is_empty() {
            self.rest = before;
            return false;
        }
        while !self.rest.is_empty() {
            self.pass(1);
            if self.pass_line().trim() == mark {
                return true;
            }
        }
        true
    }
}

/// What lies between two ends of the same text.
fn passed<'t>(start: &'t str, end: &str) -> &'t str {
    start
        .get(..start.len() - end.len())
        .unwrap_or_default()
        .trim()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn argument<'t>(name: &'t str, expression: &'t str) -> Item<'t> {
        Item::Argument { name, expression }
    }

    #[test]
    fn blocks_and_arguments_are_told_apart() {
        let text = r#"
# resource "not" "this" {
resource "aws_iam_policy" "app" { /* } */
  name   = "a ${join("}", [for x in ["{"] : x if x == "{"])} \" $${"
  policy = jsonencode({
    Statement = [{ Action = "*" }] // }
  })
  document = <<-EOT
    } "
    EOT
  lifecycle {
    ignore_changes = [policy, tags["a,b"]]
  }
  dynamic "ingress" { for_each = [1] }
}
"#;
        let items = parse(text).unwrap();
        let [
            Item::Block {
                name,
                labels,
                items,
            },
        ] = items.as_slice()
        else {
            panic!("{items:?}");
        };
        assert_eq!(
            (*name, labels.as_slice()),
            ("resource", &["aws_iam_policy", "app"][..])
        );
        let names: Vec<&str> = items
            .iter()
            .map(|item| match item {
                Item::Argument { name, .. } | Item::Block { name, .. } => *name,
            })
            .collect();
        assert_eq!(
            names,
            ["name", "policy", "document", "lifecycle", "dynamic"]
        );
        let lifecycle = Item::Block {
            name: "lifecycle",
            labels: Vec::new(),
            items: vec![argument("ignore_changes", r#"[policy, tags["a,b"]]"#)],
        };
        assert_eq!(items[3], lifecycle);
        let dynamic = Item::Block {
            name: "dynamic",
            labels: vec!["ingress"],
            items: vec![argument("for_each", "[1]")],
        };
        assert_eq!(items[4], dynamic);
    }

    #[test]
    fn names_of_a_list_are_those_its_elements_begin_with() {
        for (expression, expected) in [
            ("all", vec!["all"]),
            (
                r#"[policy, tags["a,b"], ingress[0].cidr_blocks]"#,
                vec!["policy", "tags", "ingress"],
            ),
            ("[\n  policy, # why\n  \"tags\",\n]", vec!["policy", "tags"]),
            ("[]", vec![]),
        ] {
            assert_eq!(list_names(expression), expected);
        }
    }

    #[test]
    fn what_is_not_understood_is_nothing_and_no_panic() {
        assert!(parse("resource \"a\" \"b\" {").is_none());
        assert!(parse("= 1").is_none());
        let text = "a \"b\" {\n x = \"${\"}\"}\" \n y = <<E\n}\nE\n}\n";
        assert!(parse(text).is_some());
        for end in 0..text.len() {
            // The text is ASCII: it may end anywhere.
            drop(parse(text.get(..end).unwrap()));
        }
        assert!(parse(&"a {".repeat(1000)).is_none());
    }
}
