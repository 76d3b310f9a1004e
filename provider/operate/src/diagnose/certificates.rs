//! Certificates that end soon.

use jiff::SignedDuration;
use switchyard_engine::ports::CertificateFacts;

use super::evidence::Evidence;
use super::issue::{Issue, IssueKind, IssueSeverity};
use crate::words::{between, to_second};

/// Certificate Manager renews a certificate 60 days before its end: one that is nearer has not been renewed.
const SOON: SignedDuration = SignedDuration::from_hours(30 * 24);
const URGENT: SignedDuration = SignedDuration::from_hours(7 * 24);

/// One issue for each certificate that ends within 30 days.
pub(super) fn certificates(evidence: &Evidence, found: &[CertificateFacts]) -> Vec<Issue> {
    found
        .iter()
        .filter_map(|certificate| of_certificate(evidence, certificate))
        .collect()
}

fn of_certificate(evidence: &Evidence, certificate: &CertificateFacts) -> Option<Issue> {
    let left = certificate.ends_at.duration_since(evidence.now);
    if left >= SOON {
        return None;
    }
    let is_over = !left.is_positive();
    let (cause, step) = match certificate.is_renewed {
        true => (
            "Certificate Manager renews it, and has not managed to: a record of its DNS validation is missing.",
            "Create the record that `aws acm describe-certificate` shows under `DomainValidationOptions`.",
        ),
        false => (
            "It was imported, or may not be renewed: nobody renews it by itself.",
            "Import a new one, or request one from Certificate Manager with DNS validation.",
        ),
    };
    Some(Issue {
        kind: IssueKind::CertificateEnds,
        severity: match (is_over, left < URGENT) {
            (true, _) => IssueSeverity::Critical,
            (false, true) => IssueSeverity::Major,
            (false, false) => IssueSeverity::Minor,
        },
        title: match is_over {
            true => format!("The certificate for {} has ended", certificate.domain),
            false => format!(
                "The certificate for {} ends in {}",
                certificate.domain,
                between(evidence.now, certificate.ends_at)
            ),
        },
        affects: "Everybody who connects with HTTPS".to_owned(),
        cause: cause.to_owned(),
        evidence: vec![format!(
            "{} ends at {}.",
            certificate.arn,
            to_second(certificate.ends_at)
        )],
        steps: vec![step.to_owned()],
        prevention: "Let Certificate Manager issue it, and keep the records of its DNS validation."
            .to_owned(),
    })
}
