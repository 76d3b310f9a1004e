//! The words of the configuration.

use switchyard_engine::ports::MissingData;

use crate::words::counterparts;

tfplugin::words! {
    /// The alarms of a set.
    pub(crate) enum AlarmWord {
        Unavailable = "unavailable-critical",
        ErrorsCritical = "errors-critical",
        ErrorsWarning = "errors-warning",
        LatencyCritical = "latency-critical",
        LatencyWarning = "latency-warning",
        LoadBalancerErrorsCritical = "load-balancer-errors-critical",
        LoadBalancerErrorsWarning = "load-balancer-errors-warning",
        Cpu = "cpu-warning",
        Memory = "memory-warning",
        TasksMaximum = "tasks-maximum-warning",
        Scaling = "scaling-event",
        DeploymentFailed = "deployment-failed-event",
        RequestsAnomaly = "requests-anomaly-warning",
        LatencyAnomaly = "latency-anomaly-warning",
        DatabaseConnections = "database-connections-critical",
        DatabaseCpu = "database-cpu-warning",
        DatabaseStorage = "database-storage-warning",
        DatabaseReplicaLag = "database-replica-lag-warning",
        CacheCpu = "cache-cpu-warning",
        CacheMemory = "cache-memory-warning",
        CacheEvictions = "cache-evictions-warning",
    }
}

tfplugin::words! {
    /// Whom an alarm is for.
    pub(crate) enum Tier {
        Critical = "critical",
        Warning = "warning",
        Event = "event",
        Deployments = "deployments",
    }
}

tfplugin::words! {
    /// What a minute without data counts as.
    pub(crate) enum MissingWord {
        Missing = "missing",
        Ignore = "ignore",
        Breaching = "breaching",
        NotBreaching = "notBreaching",
    }
}

counterparts! {
    MissingWord <=> MissingData {
        Missing = Missing,
        Ignore = Ignore,
        Breaching = Breaching,
        NotBreaching = NotBreaching,
    }
}
