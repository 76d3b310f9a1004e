//! Who calls, and what they may do.

use std::collections::BTreeSet;

use jiff::Timestamp;
use switchyard_engine::ports::{CallerFacts, Error, ErrorKind, Result};

use crate::call::{Call, Caller};
use crate::direct::{Effect, Element};
use crate::failed::incomplete;

const IDENTITY: &str = "sts:GetCallerIdentity";
const SIMULATE: &str = "iam:SimulatePrincipalPolicy";
/// Versions of the two APIs.
const STS: &str = "2011-06-15";
const IAM: &str = "2010-05-08";

pub(in crate::adapter) async fn caller(caller: &Caller) -> Result<CallerFacts> {
    let target = "the credentials in use";
    let call = Call::plain(IDENTITY, target);
    let answer = caller.queried(call, Effect::Reads, STS, &[]).await?;
    let found = Element::read(&answer.body);
    let text = |name: &'static str| {
        let found = found.as_ref().and_then(|found| found.anywhere(name));
        let text = found.map(Element::text).filter(|text| !text.is_empty());
        text.map(ToOwned::to_owned)
            .ok_or_else(|| incomplete(IDENTITY, target, name))
    };
    Ok(CallerFacts {
        account: text("Account")?,
        arn: text("Arn")?,
        looked_at: caller.connection.looked_at(),
        date: answer.header("date").and_then(date),
    })
}

/// The time of an HTTP header: `Mon, 02 Mar 2026 10:00:00 GMT`.
fn date(text: &str) -> Option<Timestamp> {
    let found = jiff::fmt::rfc2822::parse(text).ok()?;
    Some(found.timestamp())
}

/// The user or role whose policies are simulated: of a session, its role. A role in a path is not found so.
fn principal(arn: &str) -> Option<String> {
    let (start, rest) = arn.split_once(":assumed-role/").unzip();
    match (start, rest) {
        (Some(start), Some(rest)) => {
            let role = rest.split('/').next()?;
            let start = start.replace(":sts:", ":iam:");
            Some(format!("{start}:role/{role}"))
        }
        _ => (arn.contains(":user/") || arn.contains(":role/")).then(|| arn.to_owned()),
    }
}

pub(super) async fn denied(
    caller: &Caller,
    arn: &str,
    actions: &[String],
) -> Result<BTreeSet<String>> {
    let Some(principal) = principal(arn) else {
        return Err(Error {
            operation: SIMULATE,
            target: arn.to_owned(),
            kind: ErrorKind::Rejected,
            code: String::new(),
            message: "only policies of users and roles can be simulated".to_owned(),
            request_id: None,
        });
    };
    let names: Vec<String> = (1..=actions.len())
        .map(|number| format!("ActionNames.member.{number}"))
        .collect();
    let mut denied = BTreeSet::new();
    let mut marker: Option<String> = None;
    loop {
        let mut parameters = vec![("PolicySourceArn", principal.as_str())];
        parameters.extend(
            names
                .iter()
                .map(String::as_str)
                .zip(actions.iter().map(String::as_str)),
        );
        parameters.extend(marker.as_deref().map(|marker| ("Marker", marker)));
        let call = Call::plain(SIMULATE, &principal);
        let answer = caller.query(call, Effect::Reads, IAM, &parameters).await?;
        let result = answer
            .anywhere("SimulatePrincipalPolicyResult")
            .ok_or_else(|| incomplete(SIMULATE, &principal, "SimulatePrincipalPolicyResult"))?;
        for entry in result.entries("EvaluationResults") {
            let action = entry.text_of("EvalActionName");
            if let (Some(action), false) =
                (action, entry.text_of("EvalDecision") == Some("allowed"))
            {
                denied.insert(action.to_owned());
            }
        }
        let is_cut = result.text_of("IsTruncated") == Some("true");
        marker = result
            .text_of("Marker")
            .filter(|_| is_cut)
            .map(ToOwned::to_owned);
        if marker.is_none() {
            return Ok(denied);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_stands_for_its_role() {
        for (arn, principal_arn) in [
            (
                "arn:aws:sts::1:assumed-role/deploy/me",
                Some("arn:aws:iam::1:role/deploy"),
            ),
            (
                "arn:aws-cn:sts::1:assumed-role/deploy/me",
                Some("arn:aws-cn:iam::1:role/deploy"),
            ),
            (
                "arn:aws:iam::1:user/team/me",
                Some("arn:aws:iam::1:user/team/me"),
            ),
            ("arn:aws:iam::1:root", None),
        ] {
            assert_eq!(principal(arn).as_deref(), principal_arn, "{arn}");
        }
    }

    #[test]
    fn the_date_of_an_answer_is_a_time() {
        let found = date("Mon, 02 Mar 2026 10:00:00 GMT").unwrap();
        assert_eq!(found.to_string(), "2026-03-02T10:00:00Z");
        assert_eq!(date("yesterday"), None);
    }
}
