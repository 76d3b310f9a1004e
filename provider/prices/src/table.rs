//! The price table: what one of an item costs, by the name of the item.

use std::collections::BTreeMap;

use bigdecimal::{BigDecimal, Zero as _};
use jiff::ToSpan as _;
use jiff::civil::Date;
use serde::Deserialize;

const BUILT_IN: &str = include_str!("prices.json");

/// Hours that AWS counts for a month in its own examples.
const HOURS: u32 = 730;

/// Prices with where and when they hold.
#[derive(Clone, Debug)]
pub struct Prices {
    /// The day they were looked up.
    pub as_of: Date,
    /// Region.
    pub region: String,
    /// Whose prices they are, in words.
    pub source: String,
    /// Code of the currency, such as `USD`.
    pub currency: String,
    /// By item; the end of its name is the unit.
    items: BTreeMap<String, BigDecimal>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    as_of: Date,
    region: String,
    source: String,
    #[serde(default = "dollars")]
    currency: String,
    prices: BTreeMap<String, String>,
}

fn dollars() -> String {
    "USD".to_owned()
}

/// Starts of names, and the units that may end them.
const FAMILIES: &[(&str, &[&str])] = &[
    ("fargate.", &["vcpu-hour", "gb-hour"]),
    ("fargate-spot.", &["vcpu-hour", "gb-hour"]),
    ("ec2.", &["hour"]),
    ("ec2-spot.", &["hour"]),
    ("ebs.", &["gb-month", "iops-month", "mibps-month"]),
    ("rds.storage.", &["gb-month", "iops-month"]),
    ("rds.", &["hour"]),
    ("elasticache.", &["hour"]),
    ("lb.", &["hour"]),
    ("nat-gateway.", &["hour"]),
    ("public-ipv4.", &["hour"]),
    ("vpc-endpoint.", &["hour"]),
    ("dynamodb.", &["hour"]),
    ("cloudwatch.alarm.", &["month"]),
    ("kms.key.", &["month"]),
    ("secretsmanager.secret.", &["month"]),
    ("route53.zone.", &["month"]),
];

impl Prices {
    /// The table that comes with the program.
    pub fn built_in() -> Self {
        // A test reads it; were it broken, every price would be unknown and none wrong.
        Self::parse(BUILT_IN).unwrap_or_else(|_| Self {
            as_of: Date::ZERO,
            region: String::new(),
            source: String::new(),
            currency: dollars(),
            items: BTreeMap::new(),
        })
    }

    /// The user's table. Items it lacks come from the built-in one, if that holds for the same region and currency.
    ///
    /// # Errors
    ///
    /// One line that says what is wrong with it.
    pub fn given(text: &str) -> Result<Self, String> {
        let mut given = Self::parse(text)?;
        let base = Self::built_in();
        if (&base.region, &base.currency) == (&given.region, &given.currency) {
            for (item, price) in base.items {
                given.items.entry(item).or_insert(price);
            }
        }
        Ok(given)
    }

    fn parse(text: &str) -> Result<Self, String> {
        let file: File = serde_json::from_str(text).map_err(|error| error.to_string())?;
        for (name, value) in [("region", &file.region), ("source", &file.source)] {
            if value.trim().is_empty() {
                return Err(format!("`{name}` is empty"));
            }
        }
        let is_code =
            file.currency.len() == 3 && file.currency.bytes().all(|b| b.is_ascii_uppercase());
        if !is_code {
            return Err(format!(
                "the currency {:?} is not a code such as \"USD\"",
                file.currency
            ));
        }
        let items = file.prices.into_iter();
        let items = items
            .map(|(item, text)| {
                check(&item)?;
                let price = price(&text).ok_or_else(|| {
                    format!(
                        "the price of {item:?} is {text:?}, which is not a decimal such as \"0.0416\""
                    )
                })?;
                Ok((item, price))
            })
            .collect::<Result<_, String>>()?;
        Ok(Self {
            as_of: file.as_of,
            region: file.region,
            source: file.source,
            currency: file.currency,
            items,
        })
    }

    /// What one of it costs in a month.
    pub fn monthly(&self, item: &str) -> Option<BigDecimal> {
        let price = self.items.get(item)?;
        let by_hour = item.ends_with("hour");
        Some(if by_hour {
            price * HOURS
        } else {
            price.clone()
        })
    }

    /// What so much of several items costs in a month.
    ///
    /// # Errors
    /// The first item that has no price.
    pub fn cost(&self, usage: &BTreeMap<String, BigDecimal>) -> Result<BigDecimal, String> {
        usage
            .iter()
            .try_fold(BigDecimal::zero(), |sum, (item, quantity)| {
                if quantity.is_zero() {
                    return Ok(sum);
                }
                let price = self.monthly(item).ok_or_else(|| item.clone())?;
                Ok(sum + quantity * price)
            })
    }

    /// Whether the table is more than a year old.
    pub fn is_old(&self, today: Date) -> bool {
        let year_later = self.as_of.checked_add(1.year());
        year_later.is_ok_and(|day| today > day)
    }
}

/// An amount for programs: all its digits.
pub fn exact(amount: &BigDecimal) -> String {
    amount.normalized().to_plain_string()
}

/// Digits with at most one point; no sign, no exponent.
fn price(text: &str) -> Option<BigDecimal> {
    let (whole, part) = text.split_once('.').unwrap_or((text, "0"));
    let digits = |text: &str| {
        !text.is_empty() && text.len() <= 12 && text.bytes().all(|b| b.is_ascii_digit())
    };
    (digits(whole) && digits(part))
        .then(|| text.parse().ok())
        .flatten()
}

/// A name that is never looked up would be a price without effect.
fn check(item: &str) -> Result<(), String> {
    let family = FAMILIES.iter().find(|(start, _)| item.starts_with(start));
    let unit = item.rsplit('.').next().unwrap_or_default();
    match family {
        Some((_, units)) if units.contains(&unit) => Ok(()),
        Some((start, units)) => Err(format!(
            "{item:?} is not an item; those that start with {start:?} end with {}",
            units.join(" or ")
        )),
        None => Err(format!("{item:?} is not an item; the guide lists them")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINE: &str = r#"{"as_of": "2026-10-01", "region": "REGION", "source": "our contract",
        "prices": {"nat-gateway.hour": "0.04"}}"#;

    fn monthly(prices: &Prices, item: &str) -> Option<String> {
        prices.monthly(item).map(|price| exact(&price))
    }

    #[test]
    fn the_table_that_comes_with_the_program_is_sound() {
        let prices = Prices::parse(BUILT_IN).unwrap();
        assert!(prices.items.len() > 100);
        assert_eq!(monthly(&prices, "nat-gateway.hour").unwrap(), "32.85");
        assert_eq!(monthly(&prices, "ebs.gp3.gb-month").unwrap(), "0.08");
        assert_eq!(monthly(&prices, "ec2.nothing.hour"), None);
    }

    #[test]
    fn a_table_for_the_same_region_is_laid_over_the_built_in_one() {
        let prices = Prices::given(&MINE.replace("REGION", "us-east-1")).unwrap();
        assert_eq!(monthly(&prices, "nat-gateway.hour").unwrap(), "29.2");
        assert_eq!(monthly(&prices, "public-ipv4.hour").unwrap(), "3.65");
        assert_eq!(prices.source, "our contract");
    }

    #[test]
    fn prices_of_another_region_or_currency_are_not_mixed() {
        let elsewhere = MINE.replace("REGION", "eu-central-1");
        let in_euros = MINE
            .replace("REGION", "us-east-1")
            .replace("\"prices\"", "\"currency\": \"EUR\", \"prices\"");
        for text in [elsewhere, in_euros] {
            let prices = Prices::given(&text).unwrap();
            assert_eq!(monthly(&prices, "nat-gateway.hour").unwrap(), "29.2");
            assert_eq!(monthly(&prices, "public-ipv4.hour"), None);
        }
    }

    #[test]
    fn a_table_is_old_after_a_year() {
        let prices = Prices::given(MINE).unwrap();
        assert!(!prices.is_old(jiff::civil::date(2027, 10, 1)));
        assert!(prices.is_old(jiff::civil::date(2027, 10, 2)));
    }

    #[test]
    fn a_table_with_a_slip_is_refused() {
        let with = |part: &str, other: &str| MINE.replace(part, other);
        for (text, part) in [
            (with("0.04", "-0.04"), "not a decimal"),
            (with("0.04", "1e9"), "not a decimal"),
            (with("0.04", "0,04"), "not a decimal"),
            (with("0.04", "."), "not a decimal"),
            (with("\"0.04\"", "0.04"), "invalid type"),
            (with("nat-gateway.hour", "nat.hour"), "the guide lists them"),
            (with("nat-gateway.hour", "ec2.t3.micro"), "end with hour"),
            (with("REGION", " "), "`region` is empty"),
            (with("2026-10-01", "last year"), "line 1"),
            (with("source", "sources"), "unknown field"),
            (
                with("\"prices\"", "\"currency\": \"euro\", \"prices\""),
                "is not a code",
            ),
        ] {
            let error = Prices::given(&text).unwrap_err();
            assert!(error.contains(part), "{error}");
        }
    }
}
