//! Which results keep a plan's word.

use super::matching::correlate;
use super::members::{Members, elements, holds_secrets};
use super::shown::shown;
use super::violation::Violation;
use crate::schema::{BlockNesting, NestedBlock, Schema};
use crate::value::{Path, PathStep, Refinements, Value, nfc};

/// Where `actual` breaks what `planned` said.
///
/// Holds for the result of an apply and for the second plan that Terraform makes
/// during apply: everything that was known must be the same, everything unknown
/// must have become something of the right type that keeps the promises made
/// about it. Sets may shrink (elements may turn out equal) but not grow.
///
/// Whether the result is [wholly known](super::wholly_known) is another question.
#[must_use]
pub fn compatible(schema: &Schema, planned: &Value, actual: &Value) -> Vec<Violation> {
    if let Err((path, reason)) = actual.conforms(&schema.value_type()) {
        return vec![Violation {
            path,
            reason: format!("wrong final value type: {reason}"),
        }];
    }
    let mut check = Check {
        path: Path::root(),
        found: Vec::new(),
        secret: false,
    };
    check.object(Members::of_block(&schema.block), planned, actual);
    check.found
}

/// One pass over a plan and what became of it.
struct Check {
    path: Path,
    found: Vec<Violation>,
    /// Inside a sensitive value, which is not quoted.
    secret: bool,
}

impl Check {
    fn report(&mut self, reason: impl Into<String>) {
        self.found.push(Violation::new(&self.path, reason));
    }

    fn below(&mut self, step: PathStep, check: impl FnOnce(&mut Self)) {
        self.path.push(step);
        check(self);
        self.path.pop();
    }

    fn passes(&self, check: impl FnOnce(&mut Self)) -> bool {
        let mut trial = Self {
            path: self.path.clone(),
            found: Vec::new(),
            secret: true,
        };
        check(&mut trial);
        trial.found.is_empty()
    }

    fn quoted(&self, value: &Value) -> String {
        shown(value, self.secret)
    }

    fn object(&mut self, members: Members<'_>, planned: &Value, actual: &Value) {
        let subject = if self.path.is_root() {
            "Root object was"
        } else {
            "was"
        };
        match (planned.is_null(), actual.is_null()) {
            (true, false) => return self.report(format!("{subject} absent, but now present")),
            (false, true) => return self.report(format!("{subject} present, but now absent")),
            (true, true) => return,
            (false, false) => {}
        }
        if planned.is_unknown() {
            return;
        }
        if actual.is_unknown() {
            return self.report("was known, but now unknown");
        }
        for attribute in members.attributes {
            let (planned, actual) = (
                planned.attribute(&attribute.name),
                actual.attribute(&attribute.name),
            );
            self.below(PathStep::Attribute(attribute.name.clone()), |check| {
                if !holds_secrets(attribute) {
                    check.value(planned, actual);
                } else if !check.passes(|check| check.value(planned, actual)) {
                    check.report("inconsistent values for sensitive attribute");
                }
            });
        }
        for block in members.blocks {
            let (planned, actual) = (
                planned.attribute(&block.name),
                actual.attribute(&block.name),
            );
            self.below(PathStep::Attribute(block.name.clone()), |check| {
                check.block(block, planned, actual)
            });
        }
    }

    fn block(&mut self, block: &NestedBlock, planned: &Value, actual: &Value) {
        let inside = Members::of_block(&block.block);
        // The placeholder of a `dynamic` block may expand to any number of blocks.
        if planned.is_unknown() {
            return;
        }
        if matches!(block.nesting, BlockNesting::Single | BlockNesting::Group) {
            return self.object(inside, planned, actual);
        }
        if actual.is_unknown() {
            return self.report("was known, but now unknown");
        }
        match block.nesting {
            BlockNesting::Single | BlockNesting::Group => {}
            BlockNesting::List => self.block_list(inside, planned, actual),
            BlockNesting::Map => self.block_map(inside, planned, actual),
            BlockNesting::Set => {
                let secret = inside.hold_secrets();
                let fits = |planned: &Value, actual: &Value| {
                    self.passes(|check| check.object(inside, planned, actual))
                };
                let (planned, actual) = (elements(planned), elements(actual));
                let reasons = set_reasons(
                    planned,
                    actual,
                    secret || self.secret,
                    "block set length",
                    &fits,
                );
                reasons.into_iter().for_each(|reason| self.report(reason));
            }
        }
    }

    fn block_list(&mut self, inside: Members<'_>, planned: &Value, actual: &Value) {
        let (planned, actual) = (elements(planned), elements(actual));
        if planned.len() != actual.len() {
            return self.report(format!(
                "block count changed from {} to {}",
                planned.len(),
                actual.len()
            ));
        }
        for (index, (planned, actual)) in (0..).zip(planned.iter().zip(actual)) {
            self.below(PathStep::Index(index), |check| {
                check.object(inside, planned, actual)
            });
        }
    }

    fn block_map(&mut self, inside: Members<'_>, planned: &Value, actual: &Value) {
        if let (Value::Map(planned), Value::Map(actual)) = (planned, actual)
            && planned.len() != actual.len()
        {
            return self.report(format!(
                "block count changed from {} to {}",
                planned.len(),
                actual.len()
            ));
        }
        let (planned, actual) = (planned.entries(), actual.entries());
        for (key, planned) in planned.into_iter().flatten() {
            match actual.and_then(|entries| entries.get(key)) {
                Some(actual) => self.below(PathStep::Key(key.clone()), |check| {
                    check.object(inside, planned, actual)
                }),
                None => self.report(format!("block key {key:?} has vanished")),
            }
        }
        for key in actual.into_iter().flatten().map(|(key, _)| key) {
            if !planned.is_some_and(|entries| entries.contains_key(key)) {
                self.report(format!("new block key {key:?} has appeared"));
            }
        }
    }

    fn value(&mut self, planned: &Value, actual: &Value) {
        if let Value::Unknown(promised) = planned {
            return self.unknown(promised, actual);
        }
        match (planned.is_null(), actual.is_null()) {
            (true, true) => return,
            (false, true) if !planned.is_unknown() => {
                return self.report(format!("was {}, but now null", self.quoted(planned)));
            }
            (true, false) => {
                return self.report(format!("was null, but now {}", self.quoted(actual)));
            }
            _ => {}
        }
        match (planned, actual) {
            (Value::Dynamic(planned), Value::Dynamic(actual)) if planned.0 == actual.0 => {
                self.value(&planned.1, &actual.1);
            }
            (Value::Dynamic(planned), Value::Dynamic(actual)) => {
                self.report(format!(
                    "wrong final value type: {} required, but this is {}",
                    planned.0, actual.0
                ));
            }
            (_, Value::Unknown(_)) => self.report("was known, but now unknown"),
            (Value::List(planned), Value::List(actual))
            | (Value::Tuple(planned), Value::Tuple(actual)) => {
                self.row(planned, actual);
            }
            (Value::Map(planned), Value::Map(actual)) => {
                self.entries(planned, actual, PathStep::Key)
            }
            (Value::Object(planned), Value::Object(actual)) => {
                self.entries(planned, actual, PathStep::Attribute)
            }
            (Value::Set(planned), Value::Set(actual)) => {
                let fits = |planned: &Value, actual: &Value| {
                    self.passes(|check| check.value(planned, actual))
                };
                let reasons = set_reasons(planned, actual, self.secret, "length", &fits);
                reasons.into_iter().for_each(|reason| self.report(reason));
            }
            (Value::String(planned), Value::String(actual)) if nfc(planned) == nfc(actual) => {}
            (planned, actual) if planned == actual => {}
            (planned, actual) => {
                self.report(format!(
                    "was {}, but now {}",
                    self.quoted(planned),
                    self.quoted(actual)
                ));
            }
        }
    }

    /// What was unknown may be anything that keeps the promises.
    fn unknown(&mut self, promised: &Refinements, actual: &Value) {
        if !promised.admit(actual) {
            let (actual, promised) = (self.quoted(actual), promises(promised));
            self.report(format!(
                "final value {actual} does not conform to planning placeholder {promised}"
            ));
        }
    }

    fn row(&mut self, planned: &[Value], actual: &[Value]) {
        for (index, planned) in planned.iter().enumerate() {
            match actual.get(index) {
                Some(actual) => {
                    let step = PathStep::Index(i64::try_from(index).unwrap_or(i64::MAX));
                    self.below(step, |check| check.value(planned, actual));
                }
                None => self.report(format!("element {index} has vanished")),
            }
        }
        for index in planned.len()..actual.len() {
            self.report(format!("new element {index} has appeared"));
        }
    }

    fn entries(
        &mut self,
        planned: &std::collections::BTreeMap<String, Value>,
        actual: &std::collections::BTreeMap<String, Value>,
        step: fn(String) -> PathStep,
    ) {
        for (key, planned) in planned {
            match actual.get(key) {
                Some(actual) => self.below(step(key.clone()), |check| check.value(planned, actual)),
                None => self.report(format!("element {key:?} has vanished")),
            }
        }
        for key in actual.keys().filter(|key| !planned.contains_key(*key)) {
            self.report(format!("new element {key:?} has appeared"));
        }
    }
}

/// What is wrong between two sets; `length` names what must not grow.
fn set_reasons(
    planned: &[Value],
    actual: &[Value],
    secret: bool,
    length: &str,
    fits: &dyn Fn(&Value, &Value) -> bool,
) -> Vec<String> {
    let unmatched = correlate(planned, actual, fits);
    let lost = unmatched
        .left
        .into_iter()
        .filter_map(|index| planned.get(index))
        .map(|element| {
            format!(
                "planned set element {} does not correlate with any element in actual",
                shown(element, secret)
            )
        });
    let gained = unmatched
        .right
        .into_iter()
        .filter_map(|index| actual.get(index))
        .map(|element| {
            format!(
                "actual set element {} does not correlate with any element in plan",
                shown(element, secret)
            )
        });
    let mut reasons: Vec<String> = lost.chain(gained).collect();
    if planned.len() < actual.len() {
        reasons.push(format!(
            "{length} changed from {} to {}",
            planned.len(),
            actual.len()
        ));
    }
    reasons
}

/// The promises about an unknown value, for a message.
fn promises(promised: &Refinements) -> String {
    let mut words = Vec::new();
    if promised.is_not_null() {
        words.push("not null".to_owned());
    }
    if let Some(prefix) = promised.known_prefix() {
        words.push(format!("beginning with {prefix:?}"));
    }
    if let Some(bound) = promised.lower() {
        words.push(format!(
            "{} {}",
            if bound.inclusive { "at least" } else { "above" },
            bound.number
        ));
    }
    if let Some(bound) = promised.upper() {
        words.push(format!(
            "{} {}",
            if bound.inclusive { "at most" } else { "below" },
            bound.number
        ));
    }
    if let Some(length) = promised.least_length() {
        words.push(format!("of at least {length} elements"));
    }
    if let Some(length) = promised.greatest_length() {
        words.push(format!("of at most {length} elements"));
    }
    format!("(known after apply, {})", words.join(", "))
}
