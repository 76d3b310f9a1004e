//! Even shares without chance: request number n lands where the golden ratio puts it.

/// 2⁶⁴ divided by the golden ratio: multiples of it, taken modulo 2⁶⁴, fill the range evenly.
const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;

/// A number in `0..total` for request `number`; any run of requests is spread evenly over the range.
/// `None` when `total` is zero.
#[must_use]
pub fn spread(number: u64, total: u64) -> Option<u64> {
    if total == 0 {
        return None;
    }
    let point = u128::from(number.wrapping_mul(GOLDEN));
    u64::try_from((point * u128::from(total)) >> 64).ok()
}

/// The item whose share of the weights request `number` falls into; `None` when all weigh nothing.
#[must_use]
pub fn weighted<T>(number: u64, items: &[(T, u32)]) -> Option<&T> {
    let total = items.iter().map(|(_, weight)| u64::from(*weight)).sum();
    let mut place = spread(number, total)?;
    items.iter().find_map(|(item, weight)| {
        let weight = u64::from(*weight);
        if place < weight {
            return Some(item);
        }
        place -= weight;
        None
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_follow_weights_closely() {
        let groups = [("blue", 90), ("green", 10), ("idle", 0)];
        for start in [0, 12_345] {
            let green = (start..start + 1000)
                .filter(|number| weighted(*number, &groups) == Some(&"green"))
                .count();
            assert!((98..=102).contains(&green), "{green}");
        }
    }

    #[test]
    fn nothing_is_chosen_from_nothing() {
        assert_eq!(weighted::<&str>(7, &[]), None);
        assert_eq!(weighted(7, &[("blue", 0)]), None);
    }
}
