//! Which names somebody may have meant.

/// The names that are near enough to be meant, nearest first, at most three.
pub fn nearest<'a>(wanted: &str, names: &[&'a str]) -> Vec<&'a str> {
    let wanted = wanted.to_lowercase();
    let limit = (wanted.chars().count() / 3).max(1);
    let mut near: Vec<(usize, &str)> = names
        .iter()
        .filter_map(|name| {
            let lower = name.to_lowercase();
            let part =
                wanted.chars().count() >= 3 && (lower.contains(&wanted) || wanted.contains(&lower));
            let distance = distance(&wanted, &lower);
            (distance <= limit || part).then_some((distance, *name))
        })
        .collect();
    near.sort_unstable();
    near.into_iter().take(3).map(|(_, name)| name).collect()
}

/// Letters to insert, delete, replace or swap with their neighbour.
fn distance(one: &str, other: &str) -> usize {
    let (one, other): (Vec<char>, Vec<char>) = (one.chars().collect(), other.chars().collect());
    let mut before: Vec<usize> = Vec::new();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    let at = |row: &[usize], index: usize| row.get(index).copied().unwrap_or(usize::MAX / 2);
    for (i, letter) in one.iter().enumerate() {
        let mut next = vec![i + 1];
        for (j, found) in other.iter().enumerate() {
            let mut least = (at(&row, j + 1) + 1).min(at(&next, j) + 1);
            least = least.min(at(&row, j) + usize::from(letter != found));
            let swapped =
                i > 0 && j > 0 && one.get(i - 1) == Some(found) && other.get(j - 1) == Some(letter);
            if swapped {
                least = least.min(at(&before, j - 1) + 1);
            }
            next.push(least);
        }
        before = std::mem::replace(&mut row, next);
    }
    at(&row, other.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_the_finger_is_found_and_another_name_is_not() {
        let names = ["checkout", "checkout-worker", "cart", "web", "payments"];
        assert_eq!(nearest("chekcout", &names), ["checkout"]);
        assert_eq!(nearest("Checkout", &names), ["checkout", "checkout-worker"]);
        assert_eq!(nearest("worker", &names), ["checkout-worker"]);
        assert_eq!(nearest("wbe", &names), ["web"]);
        assert_eq!(nearest("inventory", &names), Vec::<&str>::new());
        assert_eq!(nearest("", &names), Vec::<&str>::new());
    }

    #[test]
    fn distances_count_single_slips() {
        for (one, other, expected) in [
            ("", "", 0),
            ("web", "web", 0),
            ("web", "wab", 1),
            ("web", "we", 1),
            ("web", "ewb", 1),
            ("kitten", "sitting", 3),
            ("", "abc", 3),
        ] {
            assert_eq!(distance(one, other), expected, "{one} {other}");
        }
    }
}
