//! Small deterministic hashes: the mark of an unfinished create, tokens, jitter.

use crate::desired::{DesiredController, DesiredService};
use crate::ports::Controller;

/// FNV-1a, 64 bit: stable across builds and platforms, which std's hasher does not promise.
pub(crate) fn fnv1a<'a>(parts: impl IntoIterator<Item = &'a str>) -> u64 {
    let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
    for part in parts {
        // The separator keeps ("ab", "c") and ("a", "bc") apart.
        for byte in part.bytes().chain([0]) {
            hash ^= u64::from(byte);
            hash = hash.wrapping_mul(0x0000_0100_0000_01b3);
        }
    }
    hash
}

/// What identifies a service that is being created: its name, its controller and where it is reached.
/// What a later apply may change (task definition, settings, counts) is left out on purpose, so that an
/// interrupted create is also found when the configuration was corrected in between.
pub(crate) fn fingerprint(wanted: &DesiredService) -> String {
    let balancer = wanted.revision.load_balancer.as_ref();
    let controller = controller_of(&wanted.controller);
    let mut parts = vec![
        wanted.service.cluster_name(),
        &wanted.service.name,
        controller.word(),
    ];
    parts.extend(
        balancer
            .into_iter()
            .flat_map(|balancer| balancer.target_groups.iter().map(String::as_str)),
    );
    format!("{:016x}", fnv1a(parts))
}

/// The port's word for the wanted controller.
pub(crate) fn controller_of(controller: &DesiredController) -> Controller {
    match controller {
        DesiredController::CodeDeploy { .. } => Controller::CodeDeploy,
        DesiredController::Ecs => Controller::Ecs,
        DesiredController::External => Controller::External,
    }
}
