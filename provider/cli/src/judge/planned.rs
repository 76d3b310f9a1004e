//! What apply would do with a resource.

use crate::plan::{self, Action, Element, Path, Shown, find_differences};
use crate::rules::{self, Classification};

use super::digest::Digest;

/// What apply would do with a resource.
#[derive(Debug)]
pub(super) struct Planned {
    pub(super) address: String,
    pub(super) deposed: Option<String>,
    /// In words.
    pub(super) action: String,
    pub(super) kind: Kind,
    /// What it would change, when the resource stays or is replaced.
    pub(super) changes: Vec<Planning>,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Kind {
    Create,
    Update,
    Replace,
    /// Destroyed, or no longer managed.
    Leave,
    /// It is imported, and nothing else.
    Import,
    /// Words of a later Terraform.
    Unknown,
}

/// One attribute that apply would change.
#[derive(Debug)]
pub(super) struct Planning {
    pub(super) path: Path,
    /// The value that apply sets.
    pub(super) to: Shown,
    pub(super) digest: Digest,
    /// Its value comes out of the apply, and not from the configuration: it is not known yet, or others own it.
    pub(super) is_computed: bool,
}

impl Planned {
    /// Takes what matters of an element; its attributes only where they do.
    pub(super) fn of(element: &Element, with_attributes: bool) -> Self {
        let kind = kind(&element.change.actions);
        let changes = match kind {
            Kind::Update | Kind::Replace if with_attributes => attributes(element),
            Kind::Update
            | Kind::Replace
            | Kind::Create
            | Kind::Leave
            | Kind::Import
            | Kind::Unknown => Vec::new(),
        };
        Self {
            address: element.address.clone(),
            deposed: element.deposed.clone(),
            action: action_words(&element.change),
            kind,
            changes,
        }
    }
}

impl Planned {
    /// Whether the object that is there now is there after the apply, too.
    pub(super) fn keeps(&self) -> bool {
        match self.kind {
            Kind::Update | Kind::Import | Kind::Unknown => true,
            Kind::Create | Kind::Replace | Kind::Leave => false,
        }
    }
}

fn attributes(element: &Element) -> Vec<Planning> {
    let differences = find_differences(&element.change).into_iter();
    differences
        .map(|difference| {
            let rule = rules::judge(
                &element.resource_type,
                Some(&difference),
                &element.change.after,
            );
            Planning {
                digest: Digest::of(&difference.raw),
                is_computed: difference.path.is_marked(&element.change.after_unknown)
                    || rule.verdict == Classification::Expected,
                path: difference.path,
                to: difference.after,
            }
        })
        .collect()
}

/// `create` beside `forget` replaces an object, too: the old one stays in the account, but Terraform no longer knows it.
fn kind(actions: &[Action]) -> Kind {
    match actions {
        [] | [Action::NoOp | Action::Read] => Kind::Import,
        [Action::Create] => Kind::Create,
        [Action::Update] => Kind::Update,
        [Action::Delete | Action::Forget] => Kind::Leave,
        [Action::Delete | Action::Forget, Action::Create]
        | [Action::Create, Action::Delete | Action::Forget] => Kind::Replace,
        _ => Kind::Unknown,
    }
}

fn action_words(change: &plan::Change) -> String {
    let words: Vec<&str> = change
        .actions
        .iter()
        .filter(|action| **action != Action::NoOp)
        .map(Action::word)
        .collect();
    let action = match kind(&change.actions) {
        Kind::Replace => "replace".to_owned(),
        Kind::Create | Kind::Update | Kind::Leave | Kind::Import | Kind::Unknown => {
            words.join(" and ")
        }
    };
    match (change.importing, action.as_str()) {
        (true, "") => "import".to_owned(),
        (true, action) => format!("import and {action}"),
        (false, _) => action,
    }
}
