//! What the demo claims, and whether it held.

use crate::say;

/// The claims so far.
#[derive(Debug, Default)]
pub(crate) struct Claims(Vec<Claim>);

#[derive(Debug)]
struct Claim {
    text: String,
    held: bool,
    evidence: String,
}

impl Claims {
    /// Records a claim and says it.
    pub(crate) fn check(&mut self, text: &str, held: bool, evidence: impl Into<String>) {
        let evidence = evidence.into();
        let mark = if held { "holds" } else { "DOES NOT HOLD" };
        say(&format!("   -> {text}: {mark} ({evidence})"));
        self.0.push(Claim {
            text: text.to_owned(),
            held,
            evidence,
        });
    }

    /// Whether there were claims and all of them held.
    pub(crate) fn all_held(&self) -> bool {
        !self.0.is_empty() && self.0.iter().all(|claim| claim.held)
    }

    /// The closing table.
    pub(crate) fn table(&self) -> String {
        let width = self
            .0
            .iter()
            .map(|claim| claim.text.chars().count())
            .max()
            .unwrap_or_default();
        let mut text = "\n== Summary\n".to_owned();
        for claim in &self.0 {
            let mark = if claim.held { "yes" } else { "NO " };
            text += &format!("  {mark}  {:width$}  {}\n", claim.text, claim.evidence);
        }
        let held = self.0.iter().filter(|claim| claim.held).count();
        text + &format!("\n{held} of {} claims held.", self.0.len())
    }
}
