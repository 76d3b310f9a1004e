//! Which plans follow from a configuration.

use super::matching::{correlate, same};
use super::members::{Members, arrangement, elements, nested};
use super::shown::shown;
use super::violation::Violation;
use crate::schema::{Attribute, BlockNesting, NestedBlock, Nesting, Presence, Schema};
use crate::value::{Path, PathStep, Value};

/// Where `planned` does not follow from `config`.
///
/// A configured attribute must be planned as configured or keep its prior value
/// ("no meaningful change"; not on create). An attribute that is not configured
/// must be null unless it is computed. Write-only attributes must be null.
/// Blocks are as many, under the same keys, as in the configuration.
#[must_use]
pub fn plan_valid(
    schema: &Schema,
    prior: &Value,
    config: &Value,
    planned: &Value,
) -> Vec<Violation> {
    if let Err((path, reason)) = planned.conforms(&schema.value_type()) {
        return vec![Violation {
            path,
            reason: format!("wrong planned value type: {reason}"),
        }];
    }
    let mut check = Check {
        path: Path::root(),
        found: Vec::new(),
    };
    check.object(Members::of_block(&schema.block), prior, config, planned);
    check.found
}

/// One pass over a plan.
struct Check {
    path: Path,
    found: Vec<Violation>,
}

/// The words that differ between blocks and nested attributes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Block,
    Attribute,
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

    /// Whether `check` finds nothing; what it finds is forgotten.
    fn passes(&self, check: impl FnOnce(&mut Self)) -> bool {
        let mut trial = Self {
            path: self.path.clone(),
            found: Vec::new(),
        };
        check(&mut trial);
        trial.found.is_empty()
    }

    fn object(&mut self, members: Members<'_>, prior: &Value, config: &Value, planned: &Value) {
        match (config.is_null(), planned.is_null()) {
            (false, true) => return self.report("planned for absence but config wants existence"),
            (true, false) => return self.report("planned for existence but config wants absence"),
            (true, true) => return,
            (false, false) => {}
        }
        if planned.is_unknown() && config.is_unknown() {
            return;
        }
        if planned.is_unknown() {
            return self.report("planned unknown for configured value");
        }
        let unknown = Value::unknown();
        // An unknown object is one whose members are all unknown.
        let configured = |name: &str| {
            if config.is_unknown() {
                &unknown
            } else {
                config.attribute(name)
            }
        };
        for attribute in members.attributes {
            let name = &attribute.name;
            self.below(PathStep::Attribute(name.clone()), |check| {
                check.attribute(
                    attribute,
                    prior.attribute(name),
                    configured(name),
                    planned.attribute(name),
                );
            });
        }
        for block in members.blocks {
            let name = &block.name;
            self.below(PathStep::Attribute(name.clone()), |check| {
                check.block(
                    block,
                    prior.attribute(name),
                    configured(name),
                    planned.attribute(name),
                );
            });
        }
    }

    fn attribute(&mut self, attribute: &Attribute, prior: &Value, config: &Value, planned: &Value) {
        if attribute.write_only {
            if !planned.is_null() {
                self.report("planned value for write-only attribute is not null");
            }
            return;
        }
        if same(planned, config) && nested(attribute).is_none() {
            return;
        }
        // A computed attribute has a configured value only where `ignore_changes`
        // put the prior one there.
        let free = attribute.presence == Presence::Computed
            || (attribute.presence.is_computed() && config.is_null());
        if free {
            return self.computed(attribute, planned);
        }
        if same(planned, prior) && !prior.is_null() && !config.is_null() {
            return;
        }
        if let Some((nesting, inside)) = nested(attribute) {
            return self.arranged(Kind::Attribute, nesting, inside, prior, config, planned);
        }
        self.report(mismatch(attribute, prior, config, planned));
    }

    /// A computed attribute may become anything, except that write-only
    /// attributes inside stay null.
    fn computed(&mut self, attribute: &Attribute, planned: &Value) {
        let inside = super::answer::write_only_inside(attribute, planned, &self.path);
        self.found.extend(inside.into_iter().map(|path| Violation {
            path,
            reason: "planned value for write-only attribute is not null".to_owned(),
        }));
    }

    fn block(&mut self, block: &NestedBlock, prior: &Value, config: &Value, planned: &Value) {
        let inside = Members::of_block(&block.block);
        if config.is_unknown() {
            // The blocks come from a `dynamic` block over something unknown.
            if !planned.is_unknown() {
                let planned = shown(planned, inside.hold_secrets());
                self.report(format!("planned value {planned} for unknown dynamic block"));
            }
            return;
        }
        if planned.is_unknown() {
            return self.report(
                "attribute representing nested block must not be unknown itself; set nested attribute values to unknown instead",
            );
        }
        let collection = match block.nesting {
            BlockNesting::Single | BlockNesting::Group => None,
            BlockNesting::List => Some("a list"),
            BlockNesting::Set => Some("a set"),
            BlockNesting::Map => Some("a map"),
        };
        if let (Some(collection), true) = (collection, planned.is_null()) {
            return self.report(format!(
                "attribute representing {collection} of nested blocks must be empty to indicate no blocks, not null"
            ));
        }
        self.arranged(
            Kind::Block,
            arrangement(block.nesting),
            inside,
            prior,
            config,
            planned,
        );
    }

    fn arranged(
        &mut self,
        kind: Kind,
        nesting: Nesting,
        inside: Members<'_>,
        prior: &Value,
        config: &Value,
        planned: &Value,
    ) {
        let whole_differs =
            config.is_null() != planned.is_null() || config.is_unknown() || planned.is_unknown();
        match nesting {
            Nesting::Single => self.object(inside, prior, config, planned),
            // Blocks are never null or unknown here; for attributes the whole decides.
            _ if kind == Kind::Attribute && whole_differs => {
                self.object(inside, prior, config, planned)
            }
            Nesting::List => self.list(kind, inside, prior, config, planned),
            Nesting::Map => self.map(kind, inside, prior, config, planned),
            Nesting::Set => self.set(kind, inside, prior, config, planned),
        }
    }

    /// Whether plan and configuration have the same number of elements.
    fn same_count(&mut self, kind: Kind, config: &[Value], planned: &[Value]) -> bool {
        let (in_plan, in_config) = (planned.len(), config.len());
        if in_plan == in_config {
            return true;
        }
        let what = match kind {
            Kind::Block => "block count",
            Kind::Attribute => "count",
        };
        self.report(format!(
            "{what} in plan ({in_plan}) disagrees with count in config ({in_config})"
        ));
        false
    }

    fn element(
        &mut self,
        kind: Kind,
        inside: Members<'_>,
        prior: &Value,
        config: &Value,
        planned: &Value,
    ) {
        if kind == Kind::Block && planned.is_unknown() {
            return self.report(
                "element representing nested block must not be unknown itself; set nested attribute values to unknown instead",
            );
        }
        self.object(inside, prior, config, planned);
    }

    fn list(
        &mut self,
        kind: Kind,
        inside: Members<'_>,
        prior: &Value,
        config: &Value,
        planned: &Value,
    ) {
        let (prior, config, planned) = (elements(prior), elements(config), elements(planned));
        if !self.same_count(kind, config, planned) {
            return;
        }
        for (index, (config, planned)) in config.iter().zip(planned).enumerate() {
            let prior = prior.get(index).unwrap_or(&Value::Null);
            let step = PathStep::Index(i64::try_from(index).unwrap_or(i64::MAX));
            self.below(step, |check| {
                check.element(kind, inside, prior, config, planned)
            });
        }
    }

    fn map(
        &mut self,
        kind: Kind,
        inside: Members<'_>,
        prior: &Value,
        config: &Value,
        planned: &Value,
    ) {
        let what = match kind {
            Kind::Block => "block key",
            Kind::Attribute => "map key",
        };
        let (prior, config) = (prior.entries(), config.entries());
        let planned = planned.entries();
        for (key, planned) in planned.into_iter().flatten() {
            let Some(config) = config.and_then(|entries| entries.get(key)) else {
                self.report(format!("{what} {key:?} from plan is not present in config"));
                continue;
            };
            let prior = prior
                .and_then(|entries| entries.get(key))
                .unwrap_or(&Value::Null);
            self.below(PathStep::Key(key.clone()), |check| {
                check.element(kind, inside, prior, config, planned)
            });
        }
        for key in config.into_iter().flatten().map(|(key, _)| key) {
            if !planned.is_some_and(|entries| entries.contains_key(key)) {
                self.report(format!("{what} {key:?} from config is not present in plan"));
            }
        }
    }

    fn set(
        &mut self,
        kind: Kind,
        inside: Members<'_>,
        prior: &Value,
        config: &Value,
        planned: &Value,
    ) {
        let (prior, config, planned) = (elements(prior), elements(config), elements(planned));
        if !self.same_count(kind, config, planned) {
            return;
        }
        let fits = |config: &Value, planned: &Value| {
            let from = |prior: &Value| {
                self.passes(|check| check.element(kind, inside, prior, config, planned))
            };
            from(&Value::Null) || prior.iter().any(from)
        };
        let unmatched = correlate(config, planned, &fits);
        let secret = inside.hold_secrets();
        for element in unmatched
            .right
            .into_iter()
            .filter_map(|index| planned.get(index))
        {
            let element = shown(element, secret);
            self.report(format!(
                "planned set element {element} does not correlate with any element in config"
            ));
        }
        for element in unmatched
            .left
            .into_iter()
            .filter_map(|index| config.get(index))
        {
            let element = shown(element, secret);
            self.report(format!(
                "config set element {element} does not correlate with any element in plan"
            ));
        }
    }
}

/// Why a plain attribute is planned wrongly.
fn mismatch(attribute: &Attribute, prior: &Value, config: &Value, planned: &Value) -> String {
    let secret = attribute.is_secret();
    let subject = if secret {
        "sensitive planned value".to_owned()
    } else {
        format!("planned value {}", shown(planned, false))
    };
    if config.is_null() {
        return format!("{subject} for a non-computed attribute");
    }
    let quoted = |value: &Value| {
        if secret {
            String::new()
        } else {
            format!(" {}", shown(value, false))
        }
    };
    let against_config = format!("{subject} does not match config value{}", quoted(config));
    if prior.is_null() {
        against_config
    } else {
        format!("{against_config} nor prior value{}", quoted(prior))
    }
}
