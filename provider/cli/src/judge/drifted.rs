//! A resource that drifted, and what its differences are worth.

use serde_json::Value;

use super::digest::Digest;
use super::judging::{Judging, Subject};
use super::kept::{Kept, Opened};
use super::planned::{Kind, Planned, Planning};
use crate::accounts::{self, Parts, Whole};
use crate::configuration::{Configuration, Says};
use crate::finding::{DriftFinding, Fate, What};
use crate::money::{Cost, Priced, Sizes};
use crate::plan::{Action, Difference, Element, Path, Shown, find_differences};
use crate::remedy::{self, Situation};
use crate::rules::{self, Classification, MatchedRule, Severity};

/// A resource that drifted.
#[derive(Debug)]
pub(super) struct Drifted {
    pub(super) address: String,
    resource_type: String,
    event: Event,
    /// The names by which its parts call it, and attributes as a whole where others may account for them.
    kept: Kept,
    pub(super) priced: Priced,
}

#[derive(Debug)]
enum Event {
    Deleted(MatchedRule),
    Changed {
        known: Vec<Known>,
        /// Differences that say the same once more, and are left out.
        repeated: Vec<(Path, Digest)>,
    },
}

/// A difference, without the values that are not shown.
#[derive(Debug)]
struct Known {
    path: Path,
    before: Shown,
    after: Shown,
    digest: Digest,
    rule: MatchedRule,
}

/// What the plan says of a drifted resource.
#[derive(Clone, Copy, Debug)]
pub(super) enum Plan<'p> {
    /// It changes nothing.
    Nothing,
    Changes(&'p Planned),
    /// The configuration does not have the resource any more.
    Dropped,
    /// It failed, or only refreshes.
    Untold,
}

/// Everything a resource is judged with.
pub(super) struct Judged<'j> {
    pub(super) plan: Plan<'j>,
    pub(super) judging: &'j Judging<'j>,
    pub(super) sizes: &'j Sizes,
    pub(super) parts: &'j Parts,
    pub(super) configuration: &'j Configuration,
    /// What was kept of the resource.
    pub(super) opened: &'j Opened,
}

/// What becomes of a difference.
struct Becomes {
    fate: Fate,
    /// The value that apply sets, when it is a third one.
    planned: Option<Shown>,
    explained_by: Vec<String>,
}

impl From<Fate> for Becomes {
    fn from(fate: Fate) -> Self {
        Self {
            fate,
            planned: None,
            explained_by: Vec::new(),
        }
    }
}

impl Drifted {
    /// Takes what matters of an element; nothing when nothing differs but the form.
    /// What the values are that the configuration may say goes to `take`.
    pub(super) fn of(element: Element, take: &mut dyn FnMut(&Value)) -> Option<Self> {
        let priced = Priced::of(&element.resource_type, &element.change);
        let object = match &element.change.after {
            Value::Null => &element.change.before,
            after => after,
        };
        let names = accounts::names(&element.resource_type, object);
        let mut kept = Kept::of(names);
        let event = if element.change.actions.contains(&Action::Delete) {
            Event::Deleted(rules::judge(&element.resource_type, None, &Value::Null))
        } else {
            let differences = find_differences(&element.change);
            if differences.is_empty() {
                return None;
            }
            let object = &element.change.after;
            let (told, repeated) = told(differences);
            let known: Vec<Known> = told
                .into_iter()
                .map(|difference| Known {
                    rule: rules::judge(&element.resource_type, Some(&difference), object),
                    digest: Digest::of(&difference.raw),
                    path: difference.path,
                    before: difference.before,
                    after: difference.after,
                })
                .collect();
            for known in &known {
                if let Some(attribute) = known.path.attribute()
                    && !kept.has(attribute)
                    && is_kept(&element.resource_type, attribute, known.rule.verdict)
                {
                    let part = |value: &'_ Value| value.get(attribute).cloned().unwrap_or_default();
                    let (before, after) =
                        (part(&element.change.before), part(&element.change.after));
                    take(&after);
                    kept.keep(attribute, &before, &after);
                }
            }
            let repeated = repeated
                .into_iter()
                .map(|difference| (difference.path, Digest::of(&difference.raw)));
            Event::Changed {
                known,
                repeated: repeated.collect(),
            }
        };
        Some(Self {
            address: element.address,
            resource_type: element.resource_type,
            event,
            kept,
            priced,
        })
    }

    /// The value of an attribute before it drifted, where it is kept.
    pub(super) fn find_before(&self, attribute: &str) -> Option<Value> {
        self.kept.find_before(attribute)
    }

    /// What was kept of it.
    pub(super) fn open(&self) -> Opened {
        self.kept.open()
    }

    /// The types that may account for what differs.
    pub(super) fn list_part_types(&self) -> impl Iterator<Item = &'static str> {
        self.kept
            .list_attributes()
            .flat_map(|attribute| accounts::list_part_types(&self.resource_type, attribute))
    }

    /// The address, with the path of each difference; without one after a deletion.
    pub(super) fn list_found(&self) -> impl Iterator<Item = (&str, Option<&Path>)> + Clone {
        let (deleted, known) = match &self.event {
            Event::Deleted(_) => (true, [].as_slice()),
            Event::Changed { known, .. } => (false, known.as_slice()),
        };
        let whole = deleted.then_some((self.address.as_str(), None));
        let parts = known
            .iter()
            .map(|known| (self.address.as_str(), Some(&known.path)));
        whole.into_iter().chain(parts)
    }

    /// Whether the plan does nothing but put this back.
    pub(super) fn is_reverted_by(&self, planned: &Planned) -> bool {
        match (&self.event, planned.kind) {
            (Event::Deleted(_), Kind::Create) => true,
            (Event::Changed { known, repeated }, Kind::Update) => {
                let repeats = |change: &Planning| {
                    repeated.iter().any(|(path, digest)| {
                        path.keys() == change.path.keys() && digest.is_undone_by(change.digest)
                    })
                };
                let undoes =
                    |change: &Planning| known.iter().any(|known| known.is_undone_by(change));
                planned.changes.iter().any(undoes)
                    && planned
                        .changes
                        .iter()
                        .all(|change| change.is_computed || undoes(change) || repeats(change))
            }
            (Event::Deleted(_) | Event::Changed { .. }, _) => false,
        }
    }

    pub(super) fn judge(&self, judged: &Judged<'_>) -> Vec<DriftFinding> {
        match &self.event {
            Event::Deleted(rule) => {
                let fate = match judged.plan {
                    Plan::Nothing => Fate::Left,
                    Plan::Dropped => Fate::Dropped,
                    Plan::Untold => Fate::Untold,
                    Plan::Changes(planned) => match planned.kind {
                        Kind::Leave => Fate::Dropped,
                        Kind::Create
                        | Kind::Update
                        | Kind::Replace
                        | Kind::Import
                        | Kind::Unknown => Fate::Reverted,
                    },
                };
                let cost = self.priced.deleted(judged.judging.prices, judged.sizes);
                vec![self.finding(What::Deleted, None, *rule, fate.into(), judged, cost)]
            }
            Event::Changed { known, .. } => {
                let keys = known.iter().map(|known| known.path.keys());
                let (prices, sizes) = (judged.judging.prices, judged.sizes);
                let costs = self.priced.changed(keys, prices, sizes);
                known
                    .iter()
                    .zip(costs)
                    .map(|(known, cost)| {
                        let what = What::Changed {
                            attribute: known.path.text(),
                            before: known.before.clone(),
                            after: known.after.clone(),
                        };
                        let becomes = self.becomes(known, judged);
                        self.finding(what, Some(&known.path), known.rule, becomes, judged, cost)
                    })
                    .collect()
            }
        }
    }

    /// What becomes of a difference: three values decide, the one from before, the one there now, and the planned one.
    fn becomes(&self, known: &Known, judged: &Judged<'_>) -> Becomes {
        match judged.plan {
            Plan::Untold => self.explained(known, judged).unwrap_or(Fate::Untold.into()),
            Plan::Dropped => Fate::Dropped.into(),
            Plan::Nothing => self.left(known, judged),
            Plan::Changes(planned) => match planned.kind {
                Kind::Leave => Fate::Dropped.into(),
                Kind::Import => self.left(known, judged),
                Kind::Create | Kind::Unknown => Fate::Untold.into(),
                Kind::Update | Kind::Replace => self.changed(known, planned, judged),
            },
        }
    }

    fn changed(&self, known: &Known, planned: &Planned, judged: &Judged<'_>) -> Becomes {
        let touching: Vec<&Planning> = planned
            .changes
            .iter()
            .filter(|change| change.path.touches(&known.path))
            .collect();
        let Some(first) = touching.first() else {
            return self.left(known, judged);
        };
        if touching.iter().any(|change| known.is_undone_by(change)) {
            return Fate::Reverted.into();
        }
        if touching.iter().all(|change| change.is_computed) {
            return Fate::Computed.into();
        }
        let is_same_path = first.path.keys() == known.path.keys();
        Becomes {
            fate: Fate::Third,
            planned: is_same_path.then(|| first.to.clone()),
            explained_by: Vec::new(),
        }
    }

    /// Apply leaves it. Why?
    fn left(&self, known: &Known, judged: &Judged<'_>) -> Becomes {
        if let Some(explained) = self.explained(known, judged) {
            return explained;
        }
        let attribute = known.path.attribute().unwrap_or_default();
        let whole = self.whole(attribute, judged.opened);
        let now = whole.map(|whole| whole.after);
        let says = judged.configuration.says(
            &self.address,
            &known.path.keys(),
            now.unwrap_or(&Value::Null),
        );
        let is_critical = known.rule.verdict == Classification::Counts(Severity::Critical);
        let ignores = judged.configuration.ignores(&self.address, attribute);
        let is_dynamic =
            || judged.configuration.has_dynamic(&self.address, attribute) == Some(true);
        let fate = match says {
            Says::Same => Fate::Adopted,
            // It sets the attribute, so it says the same now or ignores changes. Neither is drift, unless so much is
            // at stake that one must be told from the other.
            Says::Other | Says::Unclear if !is_critical => Fate::Adopted,
            Says::Other | Says::Unclear if ignores == Some(false) => Fate::Adopted,
            Says::Other => Fate::Ignored,
            Says::Unclear if ignores == Some(true) => Fate::Ignored,
            Says::Unclear => Fate::Unclear,
            Says::Nothing if ignores == Some(false) && is_dynamic() => Fate::Adopted,
            Says::Nothing if whole.is_some_and(|whole| is_cleared(&whole, judged.parts)) => {
                Fate::Cleared
            }
            Says::Nothing => Fate::Left,
        };
        fate.into()
    }

    /// Whether nothing of what differs in the attribute is hidden, so that a command may hold its values.
    fn is_shown(&self, attribute: &str) -> bool {
        match &self.event {
            Event::Deleted(_) => false,
            Event::Changed { known, .. } => !known.iter().any(|known| {
                known.path.attribute() == Some(attribute)
                    && (known.before.hides() || known.after.hides())
            }),
        }
    }

    /// By other resources of the plan.
    fn explained(&self, known: &Known, judged: &Judged<'_>) -> Option<Becomes> {
        let whole = self.whole(known.path.attribute()?, judged.opened)?;
        let by = judged.parts.explain(&whole)?;
        Some(Becomes {
            fate: Fate::Explained,
            planned: None,
            explained_by: by,
        })
    }

    fn whole<'w>(&'w self, attribute: &'w str, opened: &'w Opened) -> Option<Whole<'w>> {
        let (before, after) = opened.find(attribute)?;
        Some(Whole {
            resource_type: &self.resource_type,
            attribute,
            names: &opened.names,
            before,
            after,
        })
    }

    fn finding(
        &self,
        what: What,
        path: Option<&Path>,
        rule: MatchedRule,
        becomes: Becomes,
        judged: &Judged<'_>,
        cost: Cost,
    ) -> DriftFinding {
        let standing = judged.judging.standing(&Subject {
            address: &self.address,
            resource_type: &self.resource_type,
            path,
            rule,
            fate: becomes.fate,
        });
        let situation = Situation {
            fate: becomes.fate,
            is_critical: standing.severity == Some(Severity::Critical),
            has_parts: path
                .and_then(Path::attribute)
                .is_some_and(|attribute| accounts::is_whole(&self.resource_type, attribute)),
            undo: path
                .and_then(Path::attribute)
                .filter(|attribute| self.is_shown(attribute))
                .and_then(|attribute| self.whole(attribute, judged.opened))
                .and_then(|whole| judged.parts.undo(&whole)),
            changes_more: match judged.plan {
                Plan::Changes(planned) => !self.is_reverted_by(planned),
                Plan::Nothing | Plan::Dropped | Plan::Untold => false,
            },
        };
        DriftFinding {
            address: self.address.clone(),
            resource_type: self.resource_type.clone(),
            remedies: remedy::list_remedies(&self.address, &what, situation),
            what,
            rule,
            standing: standing.disposition,
            fate: becomes.fate,
            planned: becomes.planned,
            explained_by: becomes.explained_by,
            remains: None,
            cost,
            region: self.priced.region.clone(),
            names: judged.judging.names(&judged.opened.names),
            culprit: None,
            accepted_before: None,
            seen: None,
            expired: standing.expired,
        }
    }
}

impl Known {
    fn is_undone_by(&self, change: &Planning) -> bool {
        self.path.keys() == change.path.keys() && self.digest.is_undone_by(change.digest)
    }
}

/// Whether access went that no resource gave, and with it nothing that forbids.
fn is_cleared(whole: &Whole<'_>, parts: &Parts) -> bool {
    parts.is_cleared(whole) && !rules::allows_more(whole.attribute, whole.before, whole.after)
}

/// Attributes that say what another one says, which is told.
const TWINS: &[(&str, &str)] = &[("is_enabled", "state")];

/// What is told, and what only repeats it: `tags_all` repeats every tag, and one line per tag is enough.
fn told(differences: Vec<Difference>) -> (Vec<Difference>, Vec<Difference>) {
    let own: std::collections::HashSet<Vec<String>> = differences
        .iter()
        .filter_map(|difference| tag(difference, "tags"))
        .collect();
    let twins: Vec<&str> = TWINS
        .iter()
        .filter(|(_, told)| {
            differences
                .iter()
                .any(|difference| difference.path.attribute() == Some(told))
        })
        .map(|(twin, _)| *twin)
        .collect();
    differences.into_iter().partition(|difference| {
        let is_repeated = tag(difference, "tags_all").is_some_and(|tag| own.contains(&tag));
        let is_twin = difference
            .path
            .attribute()
            .is_some_and(|attribute| twins.contains(&attribute));
        !is_repeated && !is_twin
    })
}

/// What is below the attribute, when the difference is there.
fn tag(difference: &Difference, attribute: &str) -> Option<Vec<String>> {
    let keys = difference.path.keys();
    let (first, rest) = keys.split_first()?;
    (*first == attribute).then(|| rest.iter().map(|key| (*key).to_owned()).collect())
}

/// Whether the whole attribute is kept to judge by: other resources may account for it, or the configuration may say it.
fn is_kept(resource_type: &str, attribute: &str, verdict: Classification) -> bool {
    matches!(verdict, Classification::Counts(_)) || accounts::is_whole(resource_type, attribute)
}
