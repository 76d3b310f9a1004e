//! The name that was meant.

/// The known name that is nearest, when one is near enough that it may be meant.
pub(crate) fn nearest<'n>(written: &str, known: impl Iterator<Item = &'n str>) -> Option<&'n str> {
    let written = written.to_lowercase();
    let length = written.chars().count();
    let most = (length / 3).clamp(1, 4);
    known
        .map(|name| (distance(&written, &name.to_lowercase()), name))
        .filter(|(distance, _)| *distance <= most)
        .min()
        .map(|(_, name)| name)
}

/// How many characters are missing, too many, wrong or swapped with their neighbour.
fn distance(one: &str, other: &str) -> usize {
    let (one, other): (Vec<char>, Vec<char>) = (one.chars().collect(), other.chars().collect());
    let mut before_last: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=other.len()).collect();
    let at = |row: &[usize], index: usize| row.get(index).copied().unwrap_or(usize::MAX / 2);
    for (i, a) in one.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, b) in other.iter().enumerate() {
            let swapped =
                i > 0 && j > 0 && other.get(j - 1) == Some(a) && one.get(i - 1) == Some(b);
            let cost = usize::from(a != b);
            let mut least = (at(&last, j + 1) + 1)
                .min(at(&row, j) + 1)
                .min(at(&last, j) + cost);
            if swapped {
                least = least.min(at(&before_last, j - 1) + 1);
            }
            row.push(least);
        }
        before_last = std::mem::replace(&mut last, row);
    }
    at(&last, other.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_that_was_meant_is_found() {
        let known = ["alarms", "bake_time", "environment", "cpu", "memory"];
        for (written, meant) in [
            ("bake_tme", Some("bake_time")),
            ("enviroment", Some("environment")),
            ("alarm", Some("alarms")),
            ("mmeory", Some("memory")),
            ("CPU", Some("cpu")),
            ("bakeTime", Some("bake_time")),
            ("unrelated", None),
            ("", None),
        ] {
            assert_eq!(nearest(written, known.into_iter()), meant, "{written}");
        }
    }
}
