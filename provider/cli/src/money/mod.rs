//! What drift costs per month: the difference between what is there and what Terraform left, at list prices.
//!
//! Only what the plan says for sure is priced. What it does not say is unknown with a reason, never zero.

mod usage;

use std::collections::{BTreeMap, BTreeSet};

use bigdecimal::num_bigint::Sign;
use bigdecimal::{BigDecimal, RoundingMode, Zero as _};
use serde_json::{Map, Value};

pub(crate) use switchyard_prices::{Prices, exact};
pub(crate) use usage::Sizes;

use crate::plan::secret::marks_any;
use usage::{Meter, Usage};

/// What a finding changes on the bill, per month.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Cost {
    /// Nothing, or nothing more than another finding says.
    Nothing,
    /// So much more; less when negative.
    Known(BigDecimal),
    /// Why it cannot be said, as part of a sentence.
    Unknown(String),
}

/// The sum of several.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct Total {
    pub(crate) sum: BigDecimal,
    /// How many amounts are in the sum.
    pub(crate) known: usize,
    /// How many are missing from it.
    pub(crate) unknown: usize,
}

impl<'c> FromIterator<&'c Cost> for Total {
    fn from_iter<I: IntoIterator<Item = &'c Cost>>(costs: I) -> Self {
        let mut total = Self::default();
        for cost in costs {
            match cost {
                Cost::Nothing => {}
                Cost::Known(amount) => {
                    total.sum += amount;
                    total.known += 1;
                }
                Cost::Unknown(_) => total.unknown += 1,
            }
        }
        total
    }
}

/// An amount with its sign, for people: two decimals, more only when two would hide it.
pub(crate) fn signed(amount: &BigDecimal) -> String {
    let cents = amount.with_scale_round(2, RoundingMode::HalfUp);
    let shown = if cents.is_zero() && !amount.is_zero() {
        amount.normalized()
    } else {
        cents
    };
    let plus = if shown.sign() == Sign::Plus { "+" } else { "" };
    format!("{plus}{}", shown.to_plain_string())
}

/// The part of a drifted resource that decides what it costs. Kept until the whole plan is read, because the size of
/// a task stands elsewhere in it.
#[derive(Debug)]
pub(crate) struct Priced {
    resource_type: String,
    /// None when AWS charges nothing for the type, or the gate knows no prices for it.
    meter: Option<&'static Meter>,
    before: Map<String, Value>,
    after: Map<String, Value>,
    /// Where it is, when its ARN says so.
    pub(crate) region: Option<String>,
}

impl Priced {
    /// Takes what matters of a drifted resource; after a deletion, `after` is null.
    pub(crate) fn of(resource_type: &str, change: &crate::plan::Change) -> Self {
        let meter = usage::find(resource_type);
        let part = |value: &Value, marks: &Value| {
            let keys = meter.map_or(&[][..], |meter| meter.attributes);
            keys.iter()
                .filter(|key| !marks.get(**key).is_some_and(marks_any))
                .filter_map(|key| Some(((*key).to_owned(), value.get(*key)?.clone())))
                .collect()
        };
        let hidden = |marks: &Value| *marks == Value::Bool(true);
        let whole = hidden(&change.before_sensitive) || hidden(&change.after_sensitive);
        let part = |value, marks| {
            if whole {
                Map::new()
            } else {
                part(value, marks)
            }
        };
        Self {
            resource_type: resource_type.to_owned(),
            meter,
            before: part(&change.before, &change.before_sensitive),
            after: part(&change.after, &change.after_sensitive),
            region: region(&change.before),
        }
    }

    /// Task definitions whose sizes are needed.
    pub(crate) fn task_definitions(&self) -> impl Iterator<Item = String> {
        [&self.before, &self.after]
            .into_iter()
            .filter_map(|object| object.get("task_definition")?.as_str())
            .map(usage::revision)
    }

    /// What the deletion changes.
    pub(crate) fn deleted(&self, prices: &Prices, sizes: &Sizes) -> Cost {
        match self.meter {
            Some(meter) => difference(
                (meter.usage)(&self.before, sizes),
                Ok(BTreeMap::new()),
                prices,
            ),
            None if usage::is_free(&self.resource_type) => Cost::Nothing,
            None => self.unpriced(),
        }
    }

    /// What each of the differences changes, given the paths of all in order. When several attributes decide the price,
    /// each one is counted on top of those before it, so that together they are the whole difference.
    pub(crate) fn changed<'d>(
        &self,
        differences: impl Iterator<Item = Vec<&'d str>>,
        prices: &Prices,
        sizes: &Sizes,
    ) -> Vec<Cost> {
        let mut now = self.before.clone();
        let mut counted = BTreeSet::new();
        differences
            .map(|keys| {
                let key = keys.first().copied().unwrap_or_default();
                let Some(meter) = self.meter.filter(|meter| meter.attributes.contains(&key)) else {
                    return self.beside_the_meter(key);
                };
                if !counted.insert(key.to_owned()) {
                    // The whole attribute was counted with its first difference.
                    return Cost::Nothing;
                }
                let before = (meter.usage)(&now, sizes);
                match self.after.get(key) {
                    Some(value) => now.insert(key.to_owned(), value.clone()),
                    None => now.remove(key),
                };
                difference(before, (meter.usage)(&now, sizes), prices)
            })
            .collect()
    }

    fn beside_the_meter(&self, key: &str) -> Cost {
        let is_free = usage::is_free(&self.resource_type)
            || usage::is_free_attribute(key)
            || self.meter.is_some_and(|meter| (meter.is_free)(key));
        if is_free {
            return Cost::Nothing;
        }
        match self.meter {
            Some(_) => Cost::Unknown(format!(
                "the effect of `{key}` on the bill depends on more than the plan shows"
            )),
            None => self.unpriced(),
        }
    }

    fn unpriced(&self) -> Cost {
        Cost::Unknown(format!("the gate has no prices for {}", self.resource_type))
    }
}

/// `arn:aws:ecs:REGION:…`
fn region(object: &Value) -> Option<String> {
    let arn = object.get("arn")?.as_str()?;
    let region = arn.strip_prefix("arn:")?.split(':').nth(2)?;
    (!region.is_empty()).then(|| region.to_owned())
}

/// What is used more or less, times its price. What is used on both sides needs none.
fn difference(before: Usage, after: Usage, prices: &Prices) -> Cost {
    let (before, after) = match (before, after) {
        (Ok(before), Ok(after)) => (before, after),
        (Err(reason), _) | (_, Err(reason)) => return Cost::Unknown(reason),
    };
    let items: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    let quantity =
        |side: &BTreeMap<String, BigDecimal>, item| side.get(item).cloned().unwrap_or_default();
    let more = items.into_iter().map(|item| {
        (
            item.clone(),
            quantity(&after, item) - quantity(&before, item),
        )
    });
    match prices.cost(&more.collect()) {
        Ok(sum) => Cost::Known(sum),
        Err(item) => Cost::Unknown(format!("there is no price for `{item}`")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn amount(text: &str) -> BigDecimal {
        text.parse().unwrap()
    }

    #[test]
    fn amounts_are_rounded_for_people_and_never_to_nothing() {
        for (exact, shown) in [
            ("131.4", "+131.40"),
            ("-32.85", "-32.85"),
            ("0", "0.00"),
            ("0.005", "+0.01"),
            ("-0.005", "-0.01"),
            ("0.0040", "+0.004"),
            ("-0.0001", "-0.0001"),
        ] {
            assert_eq!(signed(&amount(exact)), shown, "{exact}");
        }
    }

    #[test]
    fn what_is_unknown_is_counted_and_not_summed() {
        let costs = [
            Cost::Known(amount("0.1")),
            Cost::Known(amount("0.2")),
            Cost::Unknown("x".to_owned()),
            Cost::Nothing,
        ];
        let total: Total = costs.iter().collect();
        assert_eq!(exact(&total.sum), "0.3");
        assert_eq!((total.known, total.unknown), (2, 1));
    }

    #[test]
    fn an_item_on_both_sides_needs_no_price() {
        let side = |hours: &str| -> Usage {
            Ok(BTreeMap::from([
                ("strange.thing.hour".to_owned(), amount("2")),
                ("nat-gateway.hour".to_owned(), amount(hours)),
            ]))
        };
        let prices = Prices::built_in();
        assert_eq!(
            difference(side("1"), side("2"), &prices),
            Cost::Known(amount("32.85"))
        );
        let missing = difference(Ok(BTreeMap::new()), side("0"), &prices);
        assert_eq!(
            missing,
            Cost::Unknown("there is no price for `strange.thing.hour`".to_owned())
        );
    }
}
