//! Money in words.

use jiff::civil::Date;
use serde_json::{Value, json};

use crate::finding::{DriftFinding, Report};
use crate::money::{self, Cost, Prices};

use super::plain;

/// What a finding changes on the bill; none when it changes nothing.
pub(super) fn of(finding: &DriftFinding, prices: &Prices) -> Option<String> {
    match &finding.cost {
        Cost::Nothing => None,
        Cost::Known(amount) => Some(format!(
            "{} {} a month",
            money::signed(amount),
            prices.currency
        )),
        Cost::Unknown(reason) => Some(format!("unknown, because {}", plain(reason))),
    }
}

/// The sum as a sentence, and what to know about it. Nothing when no drift counts.
pub(super) fn lines(report: &Report) -> Vec<String> {
    if report.counted().next().is_none() {
        return Vec::new();
    }
    let (total, prices) = (report.total(), &report.prices);
    let differences = match total.unknown {
        1 => "1 difference".to_owned(),
        number => format!("{number} differences"),
    };
    let mut lines = vec![match (total.known, total.unknown) {
        (0, 0) => "Money: no drift that counts changes the bill.".to_owned(),
        (0, _) => format!("Money: unknown for {differences}."),
        (_, 0) => format!("Money: {} ({}).", sum(report), basis(prices)),
        (_, _) => format!(
            "Money: {}, and unknown for {differences} ({}).",
            sum(report),
            basis(prices)
        ),
    }];
    if total.known > 0 {
        lines.extend(old(prices, report.today));
        lines.extend(elsewhere(report));
    }
    lines
}

fn sum(report: &Report) -> String {
    format!(
        "{} {} a month",
        money::signed(&report.total().sum),
        report.prices.currency
    )
}

fn basis(prices: &Prices) -> String {
    format!("{}, as of {}", plain(&prices.source), prices.as_of)
}

fn old(prices: &Prices, today: Date) -> Option<String> {
    prices.is_old(today).then(|| {
        format!(
            "The prices are from {}, more than a year ago; pass newer ones with --prices.",
            prices.as_of
        )
    })
}

/// Prices differ by region.
fn elsewhere(report: &Report) -> Option<String> {
    let home = report.prices.region.as_str();
    let mut regions: Vec<_> = report
        .counted()
        .filter(|(finding, _)| matches!(finding.cost, Cost::Known(_)))
        .filter_map(|(finding, _)| finding.region.as_deref())
        .filter(|region| *region != home)
        .collect();
    regions.sort_unstable();
    regions.dedup();
    (!regions.is_empty()).then(|| {
        format!(
            "The prices are for {}, and some of these resources are in {}; pass prices for that region with \
             --prices.",
            plain(home),
            plain(&regions.join(", "))
        )
    })
}

/// One finding's cost for programs.
pub(super) fn finding(cost: &Cost) -> Value {
    match cost {
        Cost::Nothing => json!({"status": "none", "difference": "0"}),
        Cost::Known(amount) => json!({"status": "known", "difference": money::exact(amount)}),
        Cost::Unknown(reason) => {
            json!({"status": "unknown", "difference": null, "reason": reason})
        }
    }
}

/// The total for programs: the sum of what is known, or null when nothing is; `unknown` says how many are missing from it.
pub(super) fn total(report: &Report) -> Value {
    let (total, prices) = (report.total(), &report.prices);
    json!({
        "difference": (total.known > 0 || total.unknown == 0).then(|| money::exact(&total.sum)),
        "currency": prices.currency,
        "known": total.known,
        "unknown": total.unknown,
        "prices": {
            "source": prices.source,
            "region": prices.region,
            "as_of": prices.as_of.to_string(),
            "older_than_a_year": prices.is_old(report.today),
        },
    })
}
