//! The words of gates.

use switchyard_engine::gate::{
    Area, GateClass, Inconclusive, MissingData, MomentKind, OnFailure, Outside,
};

use crate::words::counterparts;

tfplugin::words! {
    /// Kinds of checks.
    pub(crate) enum GateClassWord {
        Smoke = "smoke",
        Api = "api",
        Integration = "integration",
        Performance = "performance",
    }
}

tfplugin::words! {
    /// Parts of the health score.
    pub(crate) enum AreaWord {
        Basic = "basic",
        Performance = "performance",
        Business = "business",
    }
}

tfplugin::words! {
    /// When a gate is asked.
    pub(crate) enum WhenWord {
        BeforeStart = "before_start",
        BeforeTraffic = "before_traffic",
        Step = "step",
        Bake = "bake",
        After = "after",
    }
}

tfplugin::words! {
    /// What it means when a gate cannot be decided.
    pub(crate) enum InconclusiveWord {
        Fail = "fail",
        Pass = "pass",
    }
}

tfplugin::words! {
    /// What the failure of one gate means.
    pub(crate) enum OnFailureWord {
        Stop = "stop",
        RollBack = "roll_back",
        Warn = "warn",
    }
}

tfplugin::words! {
    /// Who is asked over HTTP.
    pub(crate) enum TargetWord {
        TestListener = "test_listener",
        NewTargets = "new_targets",
    }
}

tfplugin::words! {
    /// Methods of requests.
    pub(crate) enum MethodWord {
        Get = "GET",
        Head = "HEAD",
        Post = "POST",
        Put = "PUT",
        Patch = "PATCH",
        Delete = "DELETE",
        Options = "OPTIONS",
    }
}

tfplugin::words! {
    /// Where a value is bad, beside a band.
    pub(crate) enum OutsideWord {
        Above = "above",
        Below = "below",
        Outside = "outside",
    }
}

tfplugin::words! {
    /// What a measurement without a number means.
    pub(crate) enum MissingWord {
        Fail = "fail",
        Pass = "pass",
        Inconclusive = "inconclusive",
    }
}

tfplugin::words! {
    /// Ready-made queries about the new revision's target group.
    pub(crate) enum Predefined {
        Target4xxPercent = "target_4xx_percent",
        Target5xxPercent = "target_5xx_percent",
        TargetConnectionErrors = "target_connection_errors",
        TargetRequests = "target_requests",
        TargetResponseTimeAverage = "target_response_time_average",
        TargetResponseTimeP50 = "target_response_time_p50",
        TargetResponseTimeP90 = "target_response_time_p90",
        TargetResponseTimeP95 = "target_response_time_p95",
        TargetResponseTimeP99 = "target_response_time_p99",
        UnhealthyTargets = "unhealthy_targets",
    }
}

counterparts! {
    GateClassWord == GateClass {
        Smoke = Smoke,
        Api = Api,
        Integration = Integration,
        Performance = Performance,
    }
    AreaWord == Area {
        Basic = Basic,
        Performance = Performance,
        Business = Business,
    }
    WhenWord == MomentKind {
        BeforeStart = BeforeStart,
        BeforeTraffic = BeforeTraffic,
        Step = Step,
        Bake = Bake,
        After = After,
    }
    InconclusiveWord == Inconclusive {
        Fail = Fail,
        Pass = Pass,
    }
    OnFailureWord == OnFailure {
        RollBack = RollBack,
        Stop = Stop,
        Warn = Warn,
    }
    OutsideWord == Outside {
        Above = Above,
        Below = Below,
        Outside = Either,
    }
    MissingWord == MissingData {
        Fail = Fail,
        Pass = Pass,
        Inconclusive = Inconclusive,
    }
}
