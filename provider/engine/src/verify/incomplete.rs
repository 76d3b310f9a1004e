//! What could not be checked.

use std::collections::BTreeSet;

use super::checked::Refused;
use super::reads::{Reads, Unanswered};
use crate::failure::{access_advice, is_of_settings};
use crate::finding::{Finding, FindingLevel, Rule, finding};
use crate::ports::ErrorKind;

/// Cluster and task definition are behind most checks, and without images, secrets or log groups no task
/// starts; a plan that could not look at them and finds nothing says little. The other reads are extras, whose
/// absence alone is not worth a warning on every plan; an endpoint without the controller's own service is.
pub(super) fn of_refusals(reads: &Reads, of_rollout: &[Refused]) -> Option<Finding> {
    let basic = reads.cluster.refusal();
    let basic = basic.or_else(|| reads.task_definition.refusal());
    let needed = || of_rollout.iter().find(|refused| refused.is_needed);
    let basic = basic.or_else(|| needed().map(|refused| &refused.unanswered));
    let basic = basic.or_else(|| reads.lacking())?;
    let mut refusals = reads.refusals();
    refusals.extend(of_rollout.iter().map(|refused| &refused.unanswered));
    if let Some(refusal) = refusals
        .iter()
        .find(|refusal| is_of_settings(&refusal.error))
    {
        return Some(finding(
            Rule::ChecksIncomplete,
            FindingLevel::Warning,
            basic.field,
            "Nothing could be checked before the apply, because AWS cannot be called as configured.".to_owned(),
            refusal.error.message.trim(),
            &access_advice(&refusal.error),
        ));
    }
    let calls: Vec<String> = refusals.iter().map(|refusal| describe(refusal)).collect();
    let advice: BTreeSet<String> = refusals
        .iter()
        .filter(|refusal| refusal.error.kind == ErrorKind::Denied)
        .map(|refusal| access_advice(&refusal.error))
        .collect();
    let advice: String = advice
        .iter()
        .map(|advice| format!("\n- {advice}"))
        .collect();
    let next = if advice.is_empty() {
        "An apply makes its calls in any case and reports errors.".to_owned()
    } else {
        format!(
            "An apply makes its calls in any case and reports errors. To find mistakes at plan:{advice}"
        )
    };
    Some(finding(
        Rule::ChecksIncomplete,
        FindingLevel::Warning,
        basic.field,
        "Not everything could be checked before the apply.".to_owned(),
        &format!(
            "These calls {}, and the checks that depend on them were skipped:\n- {}",
            if refusals
                .iter()
                .any(|refusal| refusal.error.kind.is_transient())
            {
                "were refused or got no response"
            } else {
                "were refused"
            },
            calls.join("\n- ")
        ),
        &next,
    ))
}

/// AWS was not reached.
pub(super) fn of_unreachable(unanswered: &Unanswered) -> Finding {
    finding(
        Rule::ChecksIncomplete,
        FindingLevel::Warning,
        unanswered.field,
        "AWS could not be reached to check what the apply needs.".to_owned(),
        &format!(
            "This call got no response, and the other checks were skipped:\n- {}",
            describe(unanswered)
        ),
        "Check the network, the region and the endpoint, and plan again. An apply makes its calls in any case and \
         reports errors.",
    )
}

fn describe(unanswered: &Unanswered) -> String {
    let error = &unanswered.error;
    let code = if error.code.is_empty() {
        String::new()
    } else {
        format!("{}: ", error.code)
    };
    format!(
        "`{}` on `{}`: {code}{}",
        error.operation, error.target, error.message
    )
}
