//! What can be told.

macro_rules! kinds {
    ($($(#[doc = $doc:literal])+ $name:ident = $word:literal, $title:literal;)+) => {
        /// Kinds of events. Words and titles are stable: filters of receivers name them.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Kind { $($(#[doc = $doc])+ $name,)+ }

        impl Kind {
            /// Every kind.
            pub const ALL: &'static [Self] = &[$(Self::$name,)+];

            /// The words of all kinds, in the same order.
            pub const WORDS: &'static [&'static str] = &[$($word,)+];

            /// The word in configurations and documents.
            pub fn word(self) -> &'static str {
                match self { $(Self::$name => $word,)+ }
            }

            /// The detail type of EventBridge, and the heading of messages for people.
            pub fn title(self) -> &'static str {
                match self { $(Self::$name => $title,)+ }
            }

            /// Reads a word.
            pub fn parse(word: &str) -> Option<Self> {
                match word { $($word => Some(Self::$name),)+ _ => None }
            }
        }
    };
}

kinds! {
    /// A deployment has begun, or an apply has found one that was begun.
    Started = "started", "Deployment Started";
    /// It waits for a person.
    WaitingForApproval = "waiting_for_approval", "Deployment Waiting For Approval";
    /// The new revision has another share of the traffic.
    Step = "step", "Deployment Step";
    /// The new revision is live.
    Succeeded = "succeeded", "Deployment Succeeded";
    /// It was undone.
    RolledBack = "rolled_back", "Deployment Rolled Back";
    /// It has ended in any other way, or nobody watches it any more.
    Failed = "failed", "Deployment Failed";
    /// A person has continued it.
    Approved = "approved", "Deployment Approved";
    /// A person has rejected it.
    Rejected = "rejected", "Deployment Rejected";
    /// A person has stopped it.
    Stopped = "stopped", "Deployment Stopped";
    /// A person has scaled a service beyond its bounds.
    EmergencyScaling = "emergency_scaling", "Emergency Scaling";
    /// A plan shows critical drift.
    DriftCritical = "drift_critical", "Critical Drift";
}

/// How bad it is, for receivers that sort by that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Severity {
    Critical,
    Error,
    Warning,
    Info,
}

impl Severity {
    /// PagerDuty's word.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Critical => "critical",
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Info => "info",
        }
    }
}

impl Kind {
    pub(crate) fn severity(self) -> Severity {
        match self {
            Self::Failed | Self::DriftCritical => Severity::Critical,
            Self::RolledBack => Severity::Error,
            Self::WaitingForApproval | Self::Rejected | Self::Stopped | Self::EmergencyScaling => {
                Severity::Warning
            }
            Self::Started | Self::Step | Self::Succeeded | Self::Approved => Severity::Info,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_is_read_back() {
        for (kind, word) in Kind::ALL.iter().zip(Kind::WORDS) {
            assert_eq!(Kind::parse(word), Some(*kind));
            assert_eq!(kind.word(), *word);
        }
        assert_eq!(Kind::parse("exploded"), None);
    }
}
