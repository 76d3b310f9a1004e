//! What tasks on Fargate use.

use std::collections::BTreeMap;

use bigdecimal::BigDecimal;

/// Storage of a task that costs nothing, in GB. More is given in the task definition, less cannot be.
pub const INCLUDED_GB: u32 = 20;

/// Tasks of one size.
#[derive(Clone, Copy, Debug)]
pub struct FargateTasks<'t> {
    /// Whether they run on Fargate Spot.
    pub spot: bool,
    /// System and architecture as items of the table have it: `x86_64`, `arm64`, `windows-x86_64`.
    pub platform: &'t str,
    /// CPU units of a task, 1024 for a vCPU.
    pub cpu: &'t BigDecimal,
    /// MiB of a task.
    pub memory: &'t BigDecimal,
    /// Size of a task's storage in GB, where the task definition says it.
    pub storage: Option<&'t BigDecimal>,
    /// How many tasks.
    pub tasks: &'t BigDecimal,
}

/// Item of the table → how much of it is used.
pub fn fargate_usage(used: &FargateTasks<'_>) -> BTreeMap<String, BigDecimal> {
    let family = match used.spot {
        true => "fargate-spot",
        false => "fargate",
    };
    let item = format!("{family}.{}", used.platform);
    let mut usage = BTreeMap::from([
        (
            format!("{item}.vcpu-hour"),
            used.tasks * used.cpu / BigDecimal::from(1024),
        ),
        (
            format!("{item}.gb-hour"),
            used.tasks * used.memory / BigDecimal::from(1024),
        ),
    ]);
    if let Some(gigabytes) = used.storage {
        let beyond = gigabytes - BigDecimal::from(INCLUDED_GB);
        usage.insert(format!("{family}.storage.gb-hour"), used.tasks * beyond);
    }
    usage
}
