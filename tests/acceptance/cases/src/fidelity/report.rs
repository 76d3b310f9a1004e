//! The account of a comparison, for people.

use switchyard_harness::fidelity::{Finding, Question, Recording};

/// Answers to the open questions first, then every difference.
#[must_use]
pub fn report(there: &Recording, lab: &Recording, findings: &[Finding]) -> String {
    let mut text =
        String::from("# What the endpoint does and the lab does not\n\n## Open questions\n\n");
    text += "| question | the endpoint | the lab |\n|---|---|---|\n";
    let said = |question: Question, recording: &Recording| {
        question
            .answer(recording)
            .unwrap_or_else(|| "the story did not show it".to_owned())
    };
    for question in Question::ALL {
        text += &format!(
            "| {} | {} | {} |\n",
            question.heading(),
            said(question, there),
            said(question, lab)
        );
    }
    text += "\n## Differences\n\n";
    if findings.is_empty() {
        text += "None.\n";
    }
    for finding in findings {
        text += &format!("- {finding}\n");
    }
    text
}
