//! The words of the configuration, and what the engine calls them.

use switchyard_engine::gate::MomentKind;

tfplugin::words! {
    /// How traffic moves to a new version.
    pub(crate) enum StrategyWord {
        AllAtOnce = "all_at_once",
        Canary = "canary",
        Linear = "linear",
    }
}

tfplugin::words! {
    /// When a gate is asked.
    pub(crate) enum WhenWord {
        BeforeTraffic = "before_traffic",
        Step = "step",
        Bake = "bake",
    }
}

tfplugin::words! {
    /// Ready-made queries about the new version behind the alias.
    pub(crate) enum Predefined {
        ErrorPercent = "error_percent",
        Errors = "errors",
        Throttles = "throttles",
        Invocations = "invocations",
        DurationAverage = "duration_average",
        DurationP95 = "duration_p95",
        DurationP99 = "duration_p99",
    }
}

impl WhenWord {
    /// What the engine calls it; nothing for a word of another version.
    pub(super) fn engine(&self) -> Option<MomentKind> {
        match self {
            Self::BeforeTraffic => Some(MomentKind::BeforeTraffic),
            Self::Step => Some(MomentKind::Step),
            Self::Bake => Some(MomentKind::Bake),
            Self::Unknown(_) => None,
        }
    }
}
