//! Calls without a client crate: signed, repeated and classified as every other call.

mod answers;
mod patience;
mod wire;

use std::collections::{BTreeMap, BTreeSet};

use switchyard_engine::ports::ErrorKind;

use crate::fake::{Fake, Reply, xml};

fn subnets() -> BTreeSet<String> {
    BTreeSet::from(["subnet-1".to_owned(), "subnet-2".to_owned()])
}

#[tokio::test]
async fn free_addresses_are_read_with_one_signed_call() {
    let answer = "<DescribeSubnetsResponse xmlns=\"http://ec2.amazonaws.com/doc/2016-11-15/\"><subnetSet>\
        <item><subnetId>subnet-1</subnetId><availableIpAddressCount>7</availableIpAddressCount></item>\
        <item><subnetId>subnet-2</subnetId><availableIpAddressCount>0</availableIpAddressCount>\
        <ipv6Native>true</ipv6Native></item></subnetSet></DescribeSubnetsResponse>";
    let fake = Fake::script([xml(answer)]).await;
    let found = fake.ports().prerequisites.free_addresses(&subnets()).await;
    assert_eq!(found.unwrap(), BTreeMap::from([("subnet-1".to_owned(), 7)]));
    let seen = fake.seen();
    assert_eq!(seen.len(), 1);
    let form = seen[0].form();
    assert_eq!(form["Action"], "DescribeSubnets");
    assert_eq!(form["Filter.1.Value.2"], "subnet-2");
    let signature = &seen[0].headers["authorization"];
    assert!(
        signature.contains("/eu-west-1/ec2/aws4_request"),
        "{signature}"
    );
}

#[tokio::test]
async fn a_refusal_keeps_its_code_and_what_may_pass_is_not_asked_again() {
    let refused = |status: u16, code: &str| {
        let body = format!(
            "<Response><Errors><Error><Code>{code}</Code><Message>You are not.</Message></Error></Errors></Response>"
        );
        Reply::Http(status, "text/xml", body.into_bytes())
    };
    let fake = Fake::script([
        refused(403, "UnauthorizedOperation"),
        refused(503, "RequestLimitExceeded"),
    ])
    .await;
    let prerequisites = fake.patient_ports().prerequisites;
    let denied = prerequisites.free_addresses(&subnets()).await.unwrap_err();
    assert_eq!(
        (denied.kind, denied.code.as_str()),
        (ErrorKind::Denied, "UnauthorizedOperation")
    );
    assert_eq!(denied.message, "You are not.");
    let busy = prerequisites.free_addresses(&subnets()).await.unwrap_err();
    assert_eq!(busy.kind, ErrorKind::Throttled);
    assert_eq!(fake.seen().len(), 2);
}

#[tokio::test]
async fn an_answer_of_something_else_is_not_taken_for_an_empty_one() {
    let fake = Fake::script([xml("welcome")]).await;
    let error = fake
        .ports()
        .prerequisites
        .free_addresses(&subnets())
        .await
        .unwrap_err();
    assert_eq!(error.kind, ErrorKind::Unexpected);
}
