//! Why an apply or a delete failed: typed parts, and in [`text`] the sentences that a user can act on.

mod access;
mod advice;
mod evidence;
mod facts;
mod kind;
mod logs;
mod parts;
mod route;
mod stand;
#[cfg(test)]
mod tests;
mod text;

pub use access::access_advice;
pub(crate) use access::is_of_settings;
pub(crate) use evidence::collect;
pub use kind::FailureKind;
pub(crate) use logs::last_lines;
pub use logs::shown_log_line;
pub(crate) use parts::{
    AfterCall, Early, LostPolicy, Progress, Remains, Return, Scaled, ScalingFailure, ScalingRun,
    Undeleted, What,
};
pub use route::route_missing;
pub(crate) use stand::{Stand, stands_at};
use text::FailureText;
pub(crate) use text::technical_line;

/// An apply or delete failed. `Display` is the summary; [`Failure::detail`] is everything else.
///
/// It holds what has happened and the facts about it. The sentences are made from them where they are asked for, in one
/// place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// Name of the service.
    service: String,
    what: What,
    /// Where the deployment stands that this has left in the middle.
    stand: Option<Stand>,
}

impl Failure {
    /// What has happened to the service of that name.
    pub(crate) fn new(service: impl Into<String>, what: What) -> Self {
        Self {
            service: service.into(),
            what,
            stand: None,
        }
    }

    /// A deployment is under way and stays at `stand`: that is true now, instead of what is true before one.
    pub(crate) fn leaving(self, stand: Option<Stand>) -> Self {
        Self { stand, ..self }
    }

    /// The deployment that this is about was taken back then, or was to be, to the revision of that name.
    pub(crate) fn taken_back(self, to: &str, end: Return) -> Self {
        let what = What::TakenBack {
            gate: Box::new(self.what),
            to: to.to_owned(),
            end,
        };
        Self { what, ..self }
    }

    /// Kind, for callers that branch and for the error code.
    pub fn kind(&self) -> FailureKind {
        self.what.kind()
    }

    /// What, which service, how safe things are: one line, no full stop.
    pub fn summary(&self) -> String {
        self.text().summary
    }

    /// What is true now: where traffic is, what is left behind.
    pub fn now(&self) -> String {
        self.text().now
    }

    /// Why: the evidence, most telling first.
    pub fn why(&self) -> Vec<String> {
        self.text().why
    }

    /// What to do next.
    pub fn next(&self) -> String {
        self.text().next
    }

    /// Operations, codes, request ids.
    pub fn technical(&self) -> Vec<String> {
        self.text().technical
    }

    /// What has happened and the first reason, in one or two sentences that may leave this process: lines of logs, which
    /// hold what programs print, are left out.
    pub fn brief(&self) -> String {
        let text = self.text();
        let why = text
            .why
            .iter()
            .map(|line| line.trim())
            .take_while(|line| !line.starts_with(logs::HEADING))
            .find(|line| !line.is_empty());
        match why {
            Some(why) => format!("{}. {why}", text.summary),
            None => format!("{}.", text.summary),
        }
    }

    /// The three paragraphs — now, why, next — and the technical tail.
    pub fn detail(&self) -> String {
        self.detail_with("")
    }

    /// The same, with `more` to do at the end of what to do next.
    pub fn detail_with(&self, more: &str) -> String {
        let parts = self.text();
        let mut text = parts.now;
        if !parts.why.is_empty() {
            text.push_str("\n\n");
            text.push_str(&parts.why.join("\n"));
        }
        text.push_str("\n\n");
        text.push_str(&parts.next);
        text.push_str(more);
        text.push_str("\n\nTechnical details: ");
        text.push_str(self.kind().code());
        for line in &parts.technical {
            text.push_str("\n  ");
            text.push_str(line);
        }
        text
    }

    fn text(&self) -> FailureText {
        text::of(&self.service, &self.what, self.stand.as_ref())
    }
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.summary())
    }
}

impl std::error::Error for Failure {}
