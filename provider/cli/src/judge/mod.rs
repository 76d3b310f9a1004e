//! From the elements of a plan to findings. Everything is judged after the whole document is read, so that the order in
//! which it was written does not matter.

mod digest;
mod drifted;
mod held;
mod judging;
mod kept;
mod planned;

use std::collections::{BTreeMap, HashMap, HashSet};

use serde_json::Value;

use crate::accounts::{self, Parts};
use crate::configuration::{self, Configuration, POLICY_DOCUMENT};
use crate::finding::{DriftFinding, Fate, Pending, Remains, What};
use crate::money::Sizes;
use crate::owned::{self, Owned};
use crate::plan::{Action, Element, Head, Path, PriorResource, Section, Sink};
use crate::saved::Sources;

use drifted::{Drifted, Judged};
use held::{Against, Held};
pub(crate) use judging::{Judging, Subject};
use planned::Planned;

/// The resources whose sizes are asked for.
const TASK_DEFINITION: &str = "aws_ecs_task_definition";

/// What is kept of the document while it passes.
#[derive(Debug, Default)]
pub(crate) struct Collected {
    drifted: Vec<Drifted>,
    /// Address → its place in `drifted`.
    addresses: HashMap<String, usize>,
    /// What the plan changes. Of these, resources that did not drift are kept for the list only, as soon as the drift
    /// is known.
    planned: Vec<Planned>,
    /// Resources that the plan leaves alone; only those that drifted, as soon as the drift is known.
    untouched: HashSet<String>,
    has_changes: bool,
    /// Texts in values that drifted, which may be names of other resources.
    referred: HashSet<String>,
    /// Access that the state shows, by address.
    held: BTreeMap<String, Held>,
    parts: Parts,
    /// Types that may account for what drifted.
    part_types: HashSet<&'static str>,
    /// Policies drifted, which the configuration may take from data sources.
    has_policies: bool,
    configuration: Configuration,
    /// Addresses without keys of the resources whose configuration is asked for.
    configured: HashSet<String>,
    /// Outputs that change.
    pub(crate) outputs: Vec<String>,
    /// Sizes of the tasks whose services drifted.
    sizes: Sizes,
    /// What the state has, when that is asked for.
    pub(crate) owned: Option<Owned>,
}

/// What was found.
pub(crate) struct Found {
    pub(crate) findings: Vec<DriftFinding>,
    /// Of these, where the state holds what no resource gives.
    unmanaged: Vec<(String, Path)>,
}

impl Found {
    /// Address and path of what the state holds.
    pub(crate) fn list_unmanaged(&self) -> impl Iterator<Item = (&str, Option<&Path>)> + Clone {
        self.unmanaged
            .iter()
            .map(|(address, path)| (address.as_str(), Some(path)))
    }
}

impl Sink for Collected {
    /// What stays as it is matters only when it drifted, when it may account for drift, when its size is asked for, or
    /// when what drifted may refer to it: then one of its names is a value there.
    fn passes_by(&mut self, head: &Head<'_>) -> bool {
        let is_drift_known = !self.drifted.is_empty();
        let is_needed = head.changes
            || self.may_account(&head.resource_type)
            || (head.resource_type == TASK_DEFINITION
                && (!is_drift_known || self.sizes.is_asked()))
            || self.addresses.contains_key(&*head.address)
            || match is_drift_known {
                true => head
                    .names
                    .iter()
                    .any(|name| self.referred.contains(&**name)),
                false => self.configuration.is_known(),
            };
        if is_needed {
            return false;
        }
        self.has_changes = true;
        if !is_drift_known {
            self.untouched.insert(head.address.clone().into_owned());
        }
        true
    }

    fn drift(&mut self, element: Element) {
        if element.is_data() || element.deposed.is_some() {
            return;
        }
        self.parts.lost(
            &element.address,
            &element.resource_type,
            &element.change.before,
        );
        let (referred, has_policies) = (&mut self.referred, &mut self.has_policies);
        let mut take = |now: &Value| {
            take_texts(now, referred);
            *has_policies |= now
                .as_str()
                .is_some_and(|text| text.contains("\"Statement\""));
        };
        let Some(drifted) = Drifted::of(element, &mut take) else {
            return;
        };
        for revision in drifted.priced.task_definitions() {
            self.sizes.ask(revision);
        }
        self.part_types.extend(drifted.list_part_types());
        self.ask_for(&drifted.address);
        self.addresses
            .insert(drifted.address.clone(), self.drifted.len());
        self.drifted.push(drifted);
    }

    fn planned(&mut self, element: Element) {
        self.has_changes = true;
        if element.is_data() {
            return;
        }
        // Terraform writes the drift first; a document sorted by its keys has it last.
        let is_drift_known = !self.drifted.is_empty();
        if element.deposed.is_none() {
            let now = &element.change.before;
            if self.may_account(&element.resource_type) {
                self.parts
                    .present(&element.address, &element.resource_type, now);
            }
            // Its names matter where one of them is a value that drifted. Where that is not known yet, the configuration
            // was first.
            let is_named = match is_drift_known {
                true => self.is_referred(now),
                false => self.configuration.is_known(),
            };
            if is_named {
                self.configuration.name(&element.address, now);
            }
            if element.resource_type == TASK_DEFINITION {
                self.sizes.take(now, is_drift_known);
            }
        }
        let may_have_drifted = !is_drift_known || self.addresses.contains_key(&element.address);
        let is_change = element.change.importing
            || !matches!(
                element.change.actions.as_slice(),
                [] | [Action::NoOp] | [Action::Read]
            );
        if is_change {
            self.planned.push(Planned::of(&element, may_have_drifted));
        } else if may_have_drifted && element.deposed.is_none() {
            self.untouched.insert(element.address);
        }
    }

    fn output(&mut self, name: String) {
        self.outputs.push(name);
    }

    fn wants(&self, section: Section) -> bool {
        let is_order_unknown = self.drifted.is_empty() && !self.has_changes;
        match section {
            Section::Variables => true,
            Section::Configuration => {
                is_order_unknown || !self.drifted.is_empty() || !self.held.is_empty()
            }
            // The refreshed state, whose access is looked at.
            Section::PriorState => true,
        }
    }

    fn takes(&self, resource_type: &str) -> bool {
        // What the changes have shown is not needed once more.
        let may_account = match self.has_changes {
            true => accounts::is_watched_part(resource_type),
            false => self.may_account(resource_type),
        };
        may_account
            || (resource_type == POLICY_DOCUMENT && (self.has_policies || self.drifted.is_empty()))
            || accounts::is_watched(resource_type, self.is_all_needed(), &self.parts)
            || (self.owned.is_some() && owned::is_owner(resource_type))
    }

    fn prior(&mut self, resource: PriorResource) {
        let PriorResource {
            address,
            mode,
            resource_type,
            values,
            sensitive_values,
        } = resource;
        if mode.as_deref() == Some("data") {
            if resource_type == POLICY_DOCUMENT {
                self.configuration.name_document(&address, &values);
            }
            return;
        }
        if let Some(owned) = &mut self.owned {
            owned.take(&resource_type, &values);
        }
        self.parts.present(&address, &resource_type, &values);
        // Terraform writes the state behind the changes, and the parts of what it shows are known by then. Only what they do
        // not account for is kept; it is looked at once more in the end, because with -target the changes lack some parts.
        let held = Held::of(&resource_type, &values, &sensitive_values).filter(|held| {
            !self.has_changes || held.is_unexplained(&address, &self.parts, &self.configuration)
        });
        if let Some(held) = held {
            self.ask_for(&address);
            self.held.insert(address, held);
        }
    }

    fn asks_for(&self, address: &str) -> bool {
        let is_order_unknown = self.drifted.is_empty() && !self.has_changes;
        is_order_unknown || self.configured.contains(address)
    }

    fn configured(&mut self, address: String, expressions: Value) {
        self.configuration.take_resource(address, expressions);
    }

    fn configuration(&mut self, document: Value) {
        self.configuration.take(document);
    }

    fn variables(&mut self, variables: Value) {
        self.configuration.variables = variables;
    }

    fn sources(&mut self, sources: Sources) {
        self.configuration.sources = Some(sources);
    }
}

impl Collected {
    /// Whether a resource of this type may account for drift: of what drifted, or of anything while that is not known.
    fn may_account(&self, resource_type: &str) -> bool {
        match self.drifted.is_empty() {
            true => accounts::is_part(resource_type),
            false => {
                self.part_types.contains(resource_type) || accounts::is_watched_part(resource_type)
            }
        }
    }

    fn is_referred(&self, values: &Value) -> bool {
        configuration::REFERRED
            .iter()
            .filter_map(|name| values.get(*name)?.as_str())
            .any(|name| self.referred.contains(name))
    }

    fn ask_for(&mut self, address: &str) {
        self.configured.extend(configuration::without_keys(address));
    }

    /// Whether every access that the state shows may turn out to be unmanaged.
    fn is_all_needed(&self) -> bool {
        !self.has_changes || self.configuration.sources.is_some()
    }

    /// What was found, in the order of the document. `settled` unless Terraform failed while planning: then the plan
    /// does not say what an apply would do, and may lack the resources that account for what the state holds.
    ///
    /// What drifted is given up one by one: there may be thousands.
    pub(crate) fn into_findings(mut self, judging: &Judging<'_>, settled: bool) -> Found {
        let all = std::mem::take(&mut self.drifted);
        let planned = self.planned_by_address();
        let strangers = match settled {
            true => self.list_strangers(judging, &planned, &all),
            false => Strangers::default(),
        };
        let judged = all.into_iter().flat_map(|drifted| {
            let address = drifted.address.as_str();
            let plan = match planned.get(address) {
                _ if !settled => drifted::Plan::Untold,
                Some(planned) => drifted::Plan::Changes(planned),
                None if self.untouched.contains(address) => drifted::Plan::Nothing,
                None if self.configuration.has(address) == Some(false) => drifted::Plan::Dropped,
                None => drifted::Plan::Untold,
            };
            drifted.judge(&Judged {
                plan,
                judging,
                sizes: &self.sizes,
                parts: &self.parts,
                configuration: &self.configuration,
                opened: &drifted.open(),
            })
        });
        let mut findings: Vec<DriftFinding> = judged.collect();
        for finding in &mut findings {
            strangers.settle(finding);
        }
        findings.extend(strangers.findings);
        Found {
            findings,
            unmanaged: strangers.paths,
        }
    }

    /// What the state holds and no resource gives.
    fn list_strangers(
        &self,
        judging: &Judging<'_>,
        planned: &HashMap<&str, &Planned>,
        drifted: &[Drifted],
    ) -> Strangers {
        let mut all = Strangers::default();
        for (address, held) in &self.held {
            let goes = planned
                .get(address.as_str())
                .is_some_and(|planned| !planned.keeps());
            if goes {
                continue;
            }
            let place = self.addresses.get(address);
            let strangers = held.list_strangers(
                address,
                &Against {
                    judging,
                    parts: &self.parts,
                    configuration: &self.configuration,
                    drifted: place.and_then(|place| drifted.get(*place)),
                },
            );
            for stranger in strangers {
                let key = (address.clone(), stranger.remains.attribute);
                all.remains.insert(key, stranger.remains);
                if let Some(finding) = stranger.finding {
                    all.findings.push(finding);
                    all.paths.push((address.clone(), stranger.path));
                }
            }
        }
        all
    }

    /// Addresses and paths of all that was found; a deletion has no path.
    pub(crate) fn list_found(&self) -> impl Iterator<Item = (&str, Option<&Path>)> + Clone {
        self.drifted.iter().flat_map(Drifted::list_found)
    }

    /// What apply would change, and what of it only reverts drift.
    pub(crate) fn list_pending(&self) -> Vec<Pending> {
        let pending = self.planned.iter().map(|planned| {
            let drifted = self
                .addresses
                .get(&planned.address)
                .and_then(|place| self.drifted.get(*place))
                .filter(|_| planned.deposed.is_none());
            Pending {
                address: match &planned.deposed {
                    Some(key) => format!("{} (deposed {key})", planned.address),
                    None => planned.address.clone(),
                },
                action: planned.action.clone(),
                reverts_drift: drifted.is_some_and(|drifted| drifted.is_reverted_by(planned)),
            }
        });
        pending.collect()
    }

    fn planned_by_address(&self) -> HashMap<&str, &Planned> {
        self.planned
            .iter()
            .filter(|planned| planned.deposed.is_none())
            .map(|planned| (planned.address.as_str(), planned))
            .collect()
    }
}

/// What the state holds and no resource gives.
#[derive(Default)]
struct Strangers {
    findings: Vec<DriftFinding>,
    paths: Vec<(String, Path)>,
    remains: HashMap<(String, &'static str), Remains>,
}

impl Strangers {
    /// Says of drift that apply leaves what will be found of it later.
    fn settle(&self, finding: &mut DriftFinding) {
        let What::Changed { attribute, .. } = &finding.what else {
            return;
        };
        let is_left = matches!(
            finding.fate,
            Fate::Left | Fate::Ignored | Fate::Unclear | Fate::Untold
        );
        if !is_left || self.remains.is_empty() {
            return;
        }
        let first = attribute.split(['.', '[']).next().unwrap_or_default();
        let mut watched = accounts::list_watched(&finding.resource_type);
        finding.remains = watched
            .find(|watched| *watched == first)
            .and_then(|watched| self.remains.get(&(finding.address.clone(), watched)))
            .cloned();
    }
}

/// All texts in a value, and its numbers as text: a name may be written as either.
fn take_texts(value: &Value, texts: &mut HashSet<String>) {
    match value {
        Value::String(text) => {
            texts.insert(text.clone());
        }
        Value::Array(list) => list.iter().for_each(|part| take_texts(part, texts)),
        Value::Object(object) => object.values().for_each(|part| take_texts(part, texts)),
        Value::Number(number) => {
            texts.insert(number.to_string());
        }
        Value::Null | Value::Bool(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn collected(drift: &Value) -> Collected {
        let mut collected = Collected::default();
        for element in drift.as_array().unwrap() {
            collected.drift(serde_json::from_value(element.clone()).unwrap());
        }
        collected
    }

    /// Whether an element that stays as it is gets read.
    fn is_read(collected: &mut Collected, resource_type: &str, names: &[&str]) -> bool {
        let address = format!("{resource_type}.it");
        !collected.passes_by(&Head {
            address: address.into(),
            resource_type: resource_type.into(),
            names: names.iter().map(|name| (*name).into()).collect(),
            changes: false,
        })
    }

    #[test]
    fn what_stays_is_read_only_where_drift_depends_on_it() {
        let policies =
            |list: Value| json!({"id": "app", "name": "app", "managed_policy_arns": list});
        let groups = |list: Value| json!({"id": "web", "arn": "web", "security_groups": list});
        let changed = |resource_type: &str, before: Value, after: Value| {
            json!({"address": format!("{resource_type}.drifted"), "type": resource_type,
                "change": {"actions": ["update"], "before": before, "after": after}})
        };
        let mut role = collected(&json!([changed(
            "aws_iam_role",
            policies(json!([])),
            policies(json!(["arn:aws:iam::aws:policy/ReadOnlyAccess"])),
        )]));
        assert!(is_read(&mut role, "aws_iam_role_policy_attachment", &[]));
        // Access is looked at whatever drifted.
        assert!(is_read(&mut role, "aws_iam_role_policy", &[]));
        assert!(!is_read(&mut role, "aws_s3_bucket_versioning", &[]));
        assert!(!is_read(&mut role, "aws_route", &[]));
        assert!(!is_read(&mut role, "aws_ecs_task_definition", &["web"]));
        assert!(role.takes("aws_iam_role_policy_attachment") && role.takes("aws_iam_role"));
        let mut lb = collected(&json!([changed(
            "aws_lb",
            groups(json!(["sg-1"])),
            groups(json!(["sg-2"])),
        )]));
        assert!(is_read(&mut lb, "aws_subnet", &["sg-2", "web"]));
        assert!(!is_read(&mut lb, "aws_subnet", &["sg-1"]));
        let service = |revision: &str| json!({"launch_type": "FARGATE", "desired_count": 1, "task_definition": revision});
        let mut service = collected(&json!([changed(
            "aws_ecs_service",
            service("web:1"),
            service("web:2"),
        )]));
        assert!(is_read(&mut service, "aws_ecs_task_definition", &["web"]));
        // While it is not known what drifted, each may matter that may be a part of anything.
        let mut unknown = Collected::default();
        assert!(is_read(&mut unknown, "aws_route", &[]));
        assert!(is_read(&mut unknown, "aws_ecs_task_definition", &[]));
        assert!(!is_read(&mut unknown, "aws_subnet", &["sg-1"]));
    }
}
