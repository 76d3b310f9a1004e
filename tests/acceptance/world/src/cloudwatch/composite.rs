//! The rule of a composite alarm: `ALARM("a") AND NOT (OK(b) OR INSUFFICIENT_DATA(c))`.

use super::alarm::AlarmState;

/// A parsed rule.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Rule {
    Constant(bool),
    /// The alarm with this name is in this state.
    Is(AlarmState, String),
    Not(Box<Rule>),
    And(Box<Rule>, Box<Rule>),
    Or(Box<Rule>, Box<Rule>),
}

/// How deep brackets may nest: far beyond any real rule, well inside the stack.
const DEEPEST: usize = 64;

impl Rule {
    /// Parses a rule. Alarms may be given by name or ARN, quoted or not.
    ///
    /// # Errors
    /// A sentence saying what was found instead of what was expected.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let mut reader = Reader {
            rest: text,
            depth: 0,
        };
        let rule = reader.either()?;
        match reader.rest.trim() {
            "" => Ok(rule),
            rest => Err(format!("unexpected '{rest}' after the rule")),
        }
    }

    /// Whether the rule holds.
    pub(crate) fn holds(&self, state_of: &dyn Fn(&str) -> Option<AlarmState>) -> bool {
        match self {
            Self::Constant(value) => *value,
            Self::Is(state, name) => state_of(name) == Some(*state),
            Self::Not(inner) => !inner.holds(state_of),
            Self::And(left, right) => left.holds(state_of) && right.holds(state_of),
            Self::Or(left, right) => left.holds(state_of) || right.holds(state_of),
        }
    }

    /// The names of the alarms it looks at.
    pub(crate) fn children(&self) -> Vec<String> {
        match self {
            Self::Constant(_) => Vec::new(),
            Self::Is(_, name) => vec![name.clone()],
            Self::Not(inner) => inner.children(),
            Self::And(left, right) | Self::Or(left, right) => {
                [left.children(), right.children()].concat()
            }
        }
    }
}

struct Reader<'a> {
    rest: &'a str,
    depth: usize,
}

impl Reader<'_> {
    fn either(&mut self) -> Result<Rule, String> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err("the rule nests too deeply".to_owned());
        }
        let mut left = self.both()?;
        while self.word("OR") {
            left = Rule::Or(Box::new(left), Box::new(self.both()?));
        }
        self.depth -= 1;
        Ok(left)
    }

    fn both(&mut self) -> Result<Rule, String> {
        let mut left = self.single()?;
        while self.word("AND") {
            left = Rule::And(Box::new(left), Box::new(self.single()?));
        }
        Ok(left)
    }

    fn single(&mut self) -> Result<Rule, String> {
        if self.symbol('(') {
            let inner = self.either()?;
            self.close()?;
            return Ok(inner);
        }
        if self.word("NOT") {
            self.depth += 1;
            if self.depth > DEEPEST {
                return Err("the rule nests too deeply".to_owned());
            }
            let inner = self.single()?;
            self.depth -= 1;
            return Ok(Rule::Not(Box::new(inner)));
        }
        for (word, value) in [("TRUE", true), ("FALSE", false)] {
            if self.word(word) {
                return Ok(Rule::Constant(value));
            }
        }
        for state in [
            AlarmState::Alarm,
            AlarmState::Ok,
            AlarmState::InsufficientData,
        ] {
            if self.word(state.word()) {
                return self.child(state);
            }
        }
        Err(format!(
            "expected ALARM, OK, INSUFFICIENT_DATA, NOT, TRUE, FALSE or '(' before '{}'",
            self.rest
        ))
    }

    fn child(&mut self, state: AlarmState) -> Result<Rule, String> {
        if !self.symbol('(') {
            return Err(format!("expected '(' after {}", state.word()));
        }
        let inside = self.rest.trim_start();
        let (name, after) = match inside.strip_prefix('"') {
            Some(quoted) => quoted
                .split_once('"')
                .ok_or("a quoted alarm name without its closing quote")?,
            None => inside
                .find(')')
                .map(|end| inside.split_at(end))
                .ok_or("expected ')' after an alarm name")?,
        };
        self.rest = after;
        self.close()?;
        let name = match name.split_once(":alarm:") {
            Some((arn, name)) if arn.starts_with("arn:") => name,
            Some(_) | None => name,
        };
        Ok(Rule::Is(state, name.trim().to_owned()))
    }

    /// Takes a word that stands alone.
    fn word(&mut self, word: &str) -> bool {
        let Some(after) = self.rest.trim_start().strip_prefix(word) else {
            return false;
        };
        let ends = after
            .chars()
            .next()
            .is_none_or(|next| !next.is_ascii_alphanumeric() && next != '_');
        if ends {
            self.rest = after;
        }
        ends
    }

    fn symbol(&mut self, symbol: char) -> bool {
        let after = self.rest.trim_start().strip_prefix(symbol);
        self.rest = after.unwrap_or(self.rest);
        after.is_some()
    }

    fn close(&mut self) -> Result<(), String> {
        if self.symbol(')') {
            Ok(())
        } else {
            Err("expected ')'".to_owned())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holds(text: &str) -> bool {
        Rule::parse(text).unwrap().holds(&|name| match name {
            "red" => Some(AlarmState::Alarm),
            "green" => Some(AlarmState::Ok),
            _ => None,
        })
    }

    #[test]
    fn rules_combine_states() {
        assert!(holds("ALARM(red)"));
        assert!(holds(r#"ALARM("red") AND OK("green")"#));
        assert!(!holds("ALARM(green) OR INSUFFICIENT_DATA(red)"));
        assert!(holds("NOT (ALARM(green) OR ALARM(grey))"));
        assert!(holds("TRUE AND NOT FALSE"));
        assert!(holds(
            "ALARM(arn:aws:cloudwatch:eu-west-1:123456789012:alarm:red)"
        ));
    }

    #[test]
    fn mistakes_are_named() {
        assert!(Rule::parse("ALARM(red").is_err());
        assert!(Rule::parse("RED").is_err());
        assert!(Rule::parse("ALARM(red) ALARM(red)").is_err());
        assert!(Rule::parse(&"(".repeat(200)).is_err());
    }

    proptest::proptest! {
        #[test]
        fn no_rule_brings_the_parser_down(text in "(ALARM|OK|NOT|AND|OR|TRUE|[()\" ab]){0,30}") {
            if let Ok(rule) = Rule::parse(&text) {
                let _holds = rule.holds(&|_| None);
            }
        }
    }
}
