//! Listener weights: what is changed, and what stays as it was.

use std::collections::BTreeMap;

use switchyard_engine::ports::{ErrorKind, Protocol, WeightedTarget};

use crate::fake::{Fake, Reply, Seen, xml, xml_error};

const LISTENER: &str = "arn:aws:elasticloadbalancing:eu-west-1:1:listener/app/lb/10/20";
const NETWORK: &str = "arn:aws:elasticloadbalancing:eu-west-1:1:listener/net/lb/10/20";
const RULE: &str = "arn:aws:elasticloadbalancing:eu-west-1:1:listener-rule/app/lb/10/20/30";

fn answer(operation: &str, body: &str) -> Reply {
    xml(&format!(
        "<{operation}Response xmlns=\"http://elasticloadbalancing.amazonaws.com/doc/2015-12-01/\">\
         <{operation}Result>{body}</{operation}Result></{operation}Response>"
    ))
}

fn rule(is_default: bool, actions: &str) -> Reply {
    answer(
        "DescribeRules",
        &format!(
            "<Rules><member><RuleArn>{RULE}</RuleArn><IsDefault>{is_default}</IsDefault>\
             <Conditions><member><Field>host-header</Field><HostHeaderConfig><Values><member>shop.example.com</member>\
             </Values></HostHeaderConfig></member><member><Field>path-pattern</Field><Values><member>/x</member></Values>\
             </member></Conditions><Actions>{actions}</Actions></member></Rules>"
        ),
    )
}

fn listener(arn: &str, actions: &str) -> Reply {
    answer(
        "DescribeListeners",
        &format!(
            "<Listeners><member><ListenerArn>{arn}</ListenerArn><LoadBalancerArn>arn:lb</LoadBalancerArn>\
             <Port>443</Port><Protocol>HTTPS</Protocol><DefaultActions>{actions}</DefaultActions></member></Listeners>"
        ),
    )
}

const STICKY: &str = "<member><Type>forward</Type><Order>2</Order><ForwardConfig><TargetGroups>\
    <member><TargetGroupArn>arn:tg/blue</TargetGroupArn><Weight>100</Weight></member></TargetGroups>\
    <TargetGroupStickinessConfig><Enabled>true</Enabled><DurationSeconds>600</DurationSeconds>\
    </TargetGroupStickinessConfig></ForwardConfig><TargetGroupArn>arn:tg/blue</TargetGroupArn></member>";
const LOGIN: &str = "<member><Type>authenticate-oidc</Type><Order>1</Order><AuthenticateOidcConfig>\
    <Issuer>https://id</Issuer><AuthorizationEndpoint>https://id/a</AuthorizationEndpoint>\
    <TokenEndpoint>https://id/t</TokenEndpoint><UserInfoEndpoint>https://id/u</UserInfoEndpoint>\
    <ClientId>shop</ClientId></AuthenticateOidcConfig></member>";
const PLAIN: &str =
    "<member><Type>forward</Type><TargetGroupArn>arn:tg/blue</TargetGroupArn></member>";

fn split() -> [WeightedTarget; 2] {
    [("arn:tg/blue", 90), ("arn:tg/green", 10)].map(|(group, weight)| WeightedTarget {
        target_group: group.to_owned(),
        weight,
    })
}

/// The fields under `Actions` or `DefaultActions`, without that prefix.
fn actions(seen: &Seen, list: &str) -> BTreeMap<String, String> {
    let prefix = format!("{list}.member.");
    let fields = seen.form().into_iter();
    fields
        .filter_map(|(key, value)| Some((key.strip_prefix(&prefix)?.to_owned(), value)))
        .collect()
}

fn fields(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs
        .iter()
        .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
        .collect()
}

#[tokio::test]
async fn only_the_weights_of_a_rule_change() {
    let fake = Fake::script([
        rule(false, &format!("{LOGIN}{STICKY}")),
        answer("ModifyRule", ""),
    ])
    .await;
    fake.ports()
        .routing
        .set_forward(RULE, &split())
        .await
        .unwrap();
    let seen = fake.seen();
    let form = seen[1].form();
    assert_eq!(
        (form["Action"].as_str(), form["RuleArn"].as_str()),
        ("ModifyRule", RULE)
    );
    assert_eq!(
        actions(&seen[1], "Actions"),
        fields(&[
            ("1.Type", "authenticate-oidc"),
            ("1.Order", "1"),
            ("1.AuthenticateOidcConfig.Issuer", "https://id"),
            (
                "1.AuthenticateOidcConfig.AuthorizationEndpoint",
                "https://id/a"
            ),
            ("1.AuthenticateOidcConfig.TokenEndpoint", "https://id/t"),
            ("1.AuthenticateOidcConfig.UserInfoEndpoint", "https://id/u"),
            ("1.AuthenticateOidcConfig.ClientId", "shop"),
            ("1.AuthenticateOidcConfig.UseExistingClientSecret", "true"),
            ("2.Type", "forward"),
            ("2.Order", "2"),
            (
                "2.ForwardConfig.TargetGroups.member.1.TargetGroupArn",
                "arn:tg/blue"
            ),
            ("2.ForwardConfig.TargetGroups.member.1.Weight", "90"),
            (
                "2.ForwardConfig.TargetGroups.member.2.TargetGroupArn",
                "arn:tg/green"
            ),
            ("2.ForwardConfig.TargetGroups.member.2.Weight", "10"),
            (
                "2.ForwardConfig.TargetGroupStickinessConfig.Enabled",
                "true"
            ),
            (
                "2.ForwardConfig.TargetGroupStickinessConfig.DurationSeconds",
                "600"
            ),
        ])
    );
    // Conditions and priority are not sent: AWS leaves them alone.
    assert!(!form.keys().any(|key| key.starts_with("Conditions")));
}

#[tokio::test]
async fn a_default_rule_is_changed_at_its_listener() {
    let fake = Fake::script([rule(true, PLAIN), answer("ModifyListener", "")]).await;
    fake.ports()
        .routing
        .set_forward(RULE, &split())
        .await
        .unwrap();
    let seen = fake.seen();
    let form = seen[1].form();
    assert_eq!(
        (form["Action"].as_str(), form["ListenerArn"].as_str()),
        ("ModifyListener", LISTENER)
    );
    assert_eq!(
        actions(&seen[1], "DefaultActions"),
        fields(&[
            ("1.Type", "forward"),
            (
                "1.ForwardConfig.TargetGroups.member.1.TargetGroupArn",
                "arn:tg/blue"
            ),
            ("1.ForwardConfig.TargetGroups.member.1.Weight", "90"),
            (
                "1.ForwardConfig.TargetGroups.member.2.TargetGroupArn",
                "arn:tg/green"
            ),
            ("1.ForwardConfig.TargetGroups.member.2.Weight", "10"),
        ])
    );
}

#[tokio::test]
async fn listeners_are_changed_by_their_own_arn() {
    for arn in [LISTENER, NETWORK] {
        let fake = Fake::script([listener(arn, PLAIN), answer("ModifyListener", "")]).await;
        let routing = fake.ports().routing;
        routing.set_forward(arn, &split()).await.unwrap();
        let seen = fake.seen();
        assert_eq!(seen[0].form()["ListenerArns.member.1"], arn);
        assert_eq!(seen[1].form()["ListenerArn"], arn);
        // Port, certificates and policy are not sent.
        assert!(!seen[1].form().contains_key("Port"));
    }
}

#[tokio::test]
async fn a_route_that_does_not_forward_is_left_alone() {
    let fixed = "<member><Type>fixed-response</Type></member>";
    let fake = Fake::script([rule(false, fixed)]).await;
    let routing = fake.ports().routing;
    let error = routing.set_forward(RULE, &split()).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Rejected);
    assert_eq!(fake.seen().len(), 1);
}

#[tokio::test]
async fn an_absent_route_is_not_found() {
    let fake = Fake::script([
        xml_error("RuleNotFound", "One or more rules not found"),
        answer("DescribeListeners", "<Listeners></Listeners>"),
    ])
    .await;
    let routing = fake.ports().routing;
    for route in [RULE, LISTENER] {
        let error = routing.set_forward(route, &split()).await.unwrap_err();
        assert_eq!(error.kind, ErrorKind::NotFound);
    }
}

#[tokio::test]
async fn a_rule_shows_its_stickiness_and_its_hosts() {
    let fake = Fake::script([rule(false, STICKY), rule(false, PLAIN)]).await;
    let ports = fake.ports();
    // Each look counts: a plan would be shown the first one again.
    ports.services.apply_begins();
    let routing = ports.routing;
    let found = routing.find_rule(RULE).await.unwrap().unwrap();
    assert_eq!(found.stickiness_seconds, Some(600));
    assert_eq!(found.hosts, ["shop.example.com"]);
    let found = routing.find_rule(RULE).await.unwrap().unwrap();
    assert_eq!(found.stickiness_seconds, None);
}

#[tokio::test]
async fn a_listener_shows_its_protocol() {
    let fake = Fake::script([listener(NETWORK, STICKY)]).await;
    let routing = fake.ports().routing;
    let found = routing.find_listener(NETWORK).await.unwrap().unwrap();
    assert_eq!(found.protocol, Protocol::Https);
    assert_eq!(found.rules[0].stickiness_seconds, Some(600));
}

#[tokio::test]
async fn the_deregistration_delay_is_one_of_the_attributes() {
    let attributes = answer(
        "DescribeTargetGroupAttributes",
        "<Attributes><member><Key>stickiness.enabled</Key><Value>false</Value></member>\
         <member><Key>deregistration_delay.timeout_seconds</Key><Value>45</Value></member></Attributes>",
    );
    let none = answer("DescribeTargetGroupAttributes", "<Attributes></Attributes>");
    let fake = Fake::script([attributes, none]).await;
    let routing = fake.ports().routing;
    let delay = routing.deregistration_delay("arn:tg/blue").await;
    assert_eq!(delay.unwrap(), 45);
    assert_eq!(fake.seen()[0].form()["TargetGroupArn"], "arn:tg/blue");
    let error = routing.deregistration_delay("arn:tg/blue").await;
    assert_eq!(error.unwrap_err().kind, ErrorKind::Unexpected);
}

#[tokio::test]
async fn a_load_balancer_has_a_dns_name_or_does_not_exist() {
    let found = answer(
        "DescribeLoadBalancers",
        "<LoadBalancers><member><DNSName>lb.example.com</DNSName></member></LoadBalancers>",
    );
    let fake = Fake::script([found, xml_error("LoadBalancerNotFound", "no")]).await;
    let routing = fake.ports().routing;
    assert_eq!(
        routing.find_dns_name("arn:lb").await.unwrap().as_deref(),
        Some("lb.example.com")
    );
    assert_eq!(fake.seen()[0].form()["LoadBalancerArns.member.1"], "arn:lb");
    assert_eq!(routing.find_dns_name("arn:lb").await.unwrap(), None);
}

#[tokio::test]
async fn listeners_of_a_load_balancer_are_listed_over_all_pages() {
    let first = answer(
        "DescribeListeners",
        "<Listeners><member><ListenerArn>arn:l/1</ListenerArn></member></Listeners><NextMarker>more</NextMarker>",
    );
    let second = answer(
        "DescribeListeners",
        "<Listeners><member><ListenerArn>arn:l/2</ListenerArn></member></Listeners>",
    );
    let gone = xml_error("LoadBalancerNotFound", "no");
    let fake = Fake::script([first, second, gone]).await;
    let routing = fake.ports().routing;
    let listed = routing.list_listeners("arn:lb").await;
    assert_eq!(listed.unwrap(), ["arn:l/1", "arn:l/2"]);
    assert_eq!(fake.seen()[0].form()["LoadBalancerArn"], "arn:lb");
    assert_eq!(fake.seen()[1].form()["Marker"], "more");
    let listed = routing.list_listeners("arn:lb").await;
    assert_eq!(listed.unwrap(), Vec::<String>::new());
}
