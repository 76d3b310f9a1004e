//! What Fargate offers: sizes of tasks and platform versions.

/// CPU units, least and greatest memory in MiB, and the step between them.
const SIZES: [(i64, i64, i64, i64); 7] = [
    (256, 512, 2_048, 512),
    (512, 1_024, 4_096, 1_024),
    (1_024, 2_048, 8_192, 1_024),
    (2_048, 4_096, 16_384, 1_024),
    (4_096, 8_192, 30_720, 1_024),
    (8_192, 16_384, 61_440, 4_096),
    (16_384, 32_768, 122_880, 8_192),
];

/// Platform versions of Linux and Windows.
const PLATFORMS: [&str; 6] = ["LATEST", "1.4.0", "1.3.0", "1.2.0", "1.1.0", "1.0.0"];

/// Whether a task may have this size; both as they are written in a task definition.
pub(super) fn has_size(cpu: &str, memory: &str) -> bool {
    let (Some(cpu), Some(memory)) = (cpu_units(cpu), mebibytes(memory)) else {
        return false;
    };
    SIZES.iter().any(|(units, least, most, step)| {
        let odd = (*units, memory) == (256, 1_536);
        *units == cpu && (*least..=*most).contains(&memory) && memory % step == 0 && !odd
    })
}

/// Whether there is such a platform version.
pub(super) fn has_platform(version: &str) -> bool {
    PLATFORMS.contains(&version)
}

/// CPU units of `1024` or `1 vCPU`.
pub(super) fn cpu_units(text: &str) -> Option<i64> {
    scaled(text, "vcpu")
}

/// MiB of `2048` or `2 GB`.
pub(super) fn mebibytes(text: &str) -> Option<i64> {
    scaled(text, "gb")
}

/// A whole number, or a number of `unit` of 1024 each.
fn scaled(text: &str, unit: &str) -> Option<i64> {
    let text = text.trim().to_ascii_lowercase();
    match text.strip_suffix(unit) {
        None => text.parse().ok(),
        Some(number) => {
            let number: f64 = number.trim().parse().ok()?;
            crate::cloudwatch::fields::whole(number * 1_024.0)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_written_both_ways() {
        for (cpu, memory) in [
            ("256", "512"),
            (".25 vCPU", "0.5 GB"),
            ("1 vCPU", "2GB"),
            ("4096", "30720"),
            ("16 vcpu", "120 GB"),
        ] {
            assert!(has_size(cpu, memory), "{cpu} {memory}");
        }
        for (cpu, memory) in [
            ("256", "4096"),
            ("256", "1536"),
            ("300", "512"),
            ("1024", "1024"),
            ("8192", "17408"),
            ("much", "512"),
        ] {
            assert!(!has_size(cpu, memory), "{cpu} {memory}");
        }
    }
}
