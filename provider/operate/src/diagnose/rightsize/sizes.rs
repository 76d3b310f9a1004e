//! The sizes that Fargate offers.

use schemars::JsonSchema;
use serde::Serialize;

/// A task's size.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub(in crate::diagnose) struct Size {
    /// CPU units.
    pub(in crate::diagnose) cpu: u32,
    /// MiB.
    pub(in crate::diagnose) memory: u32,
}

/// CPU units, least and greatest memory in MiB, and the step between them (AWS's table for Linux).
const SIZES: [(u32, u32, u32, u32); 7] = [
    (256, 512, 2_048, 512),
    (512, 1_024, 4_096, 1_024),
    (1_024, 2_048, 8_192, 1_024),
    (2_048, 4_096, 16_384, 1_024),
    (4_096, 8_192, 30_720, 1_024),
    (8_192, 16_384, 61_440, 4_096),
    (16_384, 32_768, 122_880, 8_192),
];

/// The smallest size with at least so much; `None` where none is large enough.
pub(super) fn smallest(cpu: f64, memory: f64) -> Option<Size> {
    SIZES.iter().find_map(|(units, least, most, step)| {
        (f64::from(*units) >= cpu).then_some(())?;
        let mut memories = (*least..=*most).step_by(usize::try_from(*step).ok()?);
        // A quarter of a vCPU goes with 0.5, 1 and 2 GB.
        let found = memories.find(|mebibytes| {
            f64::from(*mebibytes) >= memory && (*units, *mebibytes) != (256, 1_536)
        })?;
        Some(Size {
            cpu: *units,
            memory: found,
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_smallest_size_that_fits_is_found() {
        for (cpu, memory, size) in [
            (1.0, 1.0, Some((256, 512))),
            (256.0, 1025.0, Some((256, 2048))),
            (256.1, 100.0, Some((512, 1024))),
            (256.0, 2049.0, Some((512, 3072))),
            (600.0, 9000.0, Some((2048, 9216))),
            (5000.0, 17_000.0, Some((8192, 20_480))),
            (16_384.0, 122_880.0, Some((16_384, 122_880))),
            (16_385.0, 1.0, None),
            (1.0, 122_881.0, None),
        ] {
            let found = smallest(cpu, memory).map(|size| (size.cpu, size.memory));
            assert_eq!(found, size, "{cpu} {memory}");
        }
    }
}
