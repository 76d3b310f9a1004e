//! What Fargate costs, from the table of prices that the gate has, too.

use std::path::Path;

use bigdecimal::ToPrimitive as _;
use switchyard_operate::{FargatePrices, FargateRate, Trouble};

use crate::money::Prices;

/// The prices of tasks.
///
/// # Errors
/// The file cannot be used, or lacks a price.
pub(super) fn fargate(file: Option<&Path>) -> Result<FargatePrices, Trouble> {
    let prices = match file {
        None => Prices::built_in(),
        Some(path) => std::fs::read_to_string(path)
            .map_err(|error| error.to_string())
            .and_then(|text| Prices::given(text.strip_prefix('\u{feff}').unwrap_or(&text)))
            .map_err(|error| {
                Trouble::new(format!(
                    "{} cannot be used ({error}). Correct the file.",
                    path.display()
                ))
            })?,
    };
    let rate = |architecture: &str| -> Result<FargateRate, Trouble> {
        let month = |unit: &str| {
            let item = format!("fargate.{architecture}.{unit}");
            let price = prices.monthly(&item).and_then(|price| price.to_f64());
            price.ok_or_else(|| Trouble::new(format!("The table of prices has no `{item}`.")))
        };
        Ok(FargateRate {
            vcpu_month: month("vcpu-hour")?,
            gb_month: month("gb-hour")?,
        })
    };
    Ok(FargatePrices {
        x86: rate("x86_64")?,
        arm64: rate("arm64")?,
        source: format!("{}, {}, {}", prices.source, prices.region, prices.as_of),
        currency: prices.currency.clone(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prices_are_those_of_a_month() {
        let prices = fargate(None).unwrap();
        assert!((prices.x86.vcpu_month - 0.04048 * 730.0).abs() < 1e-9);
        assert!((prices.arm64.gb_month - 0.00356 * 730.0).abs() < 1e-9);
        assert_eq!(prices.currency, "USD");
        assert!(prices.source.contains("us-east-1"), "{}", prices.source);
    }

    #[test]
    fn a_file_that_cannot_be_used_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("prices.json");
        let said = || fargate(Some(&path)).unwrap_err().to_string();
        assert!(said().contains("prices.json cannot be used"), "{}", said());
        let elsewhere =
            r#"{"as_of": "2026-10-01", "region": "eu-west-1", "source": "ours", "prices": {}}"#;
        std::fs::write(&path, elsewhere).unwrap();
        assert_eq!(
            said(),
            "The table of prices has no `fargate.x86_64.vcpu-hour`."
        );
    }
}
