//! Elastic Load Balancing v2: query in, XML out.

use switchyard_engine::ports::{TargetState, WeightedTarget};

use crate::fake::{Fake, Reply, xml, xml_error};

const LISTENER: &str = "arn:aws:elasticloadbalancing:eu-west-1:1:listener/app/lb/10/20";
const RULE: &str = "arn:aws:elasticloadbalancing:eu-west-1:1:listener-rule/app/lb/10/20/30";

fn groups(arns: &[&str]) -> Reply {
    let members: String = arns
        .iter()
        .map(|arn| {
            format!(
                "<member><TargetGroupArn>{arn}</TargetGroupArn><TargetGroupName>{}</TargetGroupName>\
                 <TargetType>ip</TargetType><HealthCheckIntervalSeconds>15</HealthCheckIntervalSeconds>\
                 <HealthyThresholdCount>3</HealthyThresholdCount>\
                 <LoadBalancerArns><member>arn:lb</member></LoadBalancerArns></member>",
                arn.trim_start_matches("arn:tg/")
            )
        })
        .collect();
    xml(&format!(
        "<DescribeTargetGroupsResponse xmlns=\"http://elasticloadbalancing.amazonaws.com/doc/2015-12-01/\">\
         <DescribeTargetGroupsResult><TargetGroups>{members}</TargetGroups></DescribeTargetGroupsResult>\
         </DescribeTargetGroupsResponse>"
    ))
}

fn rules() -> Reply {
    xml(&format!(
        "<DescribeRulesResponse xmlns=\"http://elasticloadbalancing.amazonaws.com/doc/2015-12-01/\">\
         <DescribeRulesResult><Rules>\
         <member><RuleArn>{LISTENER_RULE}/default</RuleArn><Priority>default</Priority><IsDefault>true</IsDefault>\
         <Actions><member><Type>fixed-response</Type></member></Actions></member>\
         <member><RuleArn>{RULE}</RuleArn><Priority>10</Priority><IsDefault>false</IsDefault>\
         <Actions><member><Type>forward</Type><ForwardConfig><TargetGroups>\
         <member><TargetGroupArn>arn:tg/blue</TargetGroupArn><Weight>90</Weight></member>\
         <member><TargetGroupArn>arn:tg/green</TargetGroupArn><Weight>10</Weight></member>\
         </TargetGroups></ForwardConfig></member></Actions></member>\
         </Rules></DescribeRulesResult></DescribeRulesResponse>",
        LISTENER_RULE = RULE.rsplit_once('/').unwrap().0,
    ))
}

fn listener(arn: &str) -> Reply {
    xml(&format!(
        "<DescribeListenersResponse xmlns=\"http://elasticloadbalancing.amazonaws.com/doc/2015-12-01/\">\
         <DescribeListenersResult><Listeners><member><ListenerArn>{arn}</ListenerArn>\
         <LoadBalancerArn>arn:lb</LoadBalancerArn><Port>443</Port><DefaultActions><member><Type>forward</Type>\
         <TargetGroupArn>arn:tg/blue</TargetGroupArn></member></DefaultActions></member></Listeners>\
         </DescribeListenersResult></DescribeListenersResponse>"
    ))
}

#[tokio::test]
async fn target_groups_are_asked_for_together() {
    let fake = Fake::script([groups(&["arn:tg/blue", "arn:tg/green"])]).await;
    let arns = ["arn:tg/blue".to_owned(), "arn:tg/green".to_owned()];
    let found = fake
        .ports()
        .routing
        .find_target_groups(&arns)
        .await
        .unwrap();
    assert_eq!(found.len(), 2);
    assert_eq!(
        (found[0].health_check_interval, found[0].healthy_threshold),
        (15, 3)
    );
    assert_eq!(found[0].load_balancers, ["arn:lb"]);
    let form = fake.seen()[0].form();
    assert_eq!(form["Action"], "DescribeTargetGroups");
    assert_eq!(
        (
            form["TargetGroupArns.member.1"].as_str(),
            form["TargetGroupArns.member.2"].as_str()
        ),
        ("arn:tg/blue", "arn:tg/green")
    );
}

#[tokio::test]
async fn an_absent_target_group_is_left_out_of_the_answer() {
    let fake = Fake::start(|seen| {
        let form = seen.form();
        match (
            form.get("TargetGroupArns.member.1").map(String::as_str),
            form.get("TargetGroupArns.member.2"),
        ) {
            (Some("arn:tg/blue"), None) => groups(&["arn:tg/blue"]),
            _ => xml_error("TargetGroupNotFound", "One or more target groups not found"),
        }
    })
    .await;
    let arns = ["arn:tg/blue".to_owned(), "arn:tg/gone".to_owned()];
    let found = fake
        .ports()
        .routing
        .find_target_groups(&arns)
        .await
        .unwrap();
    assert_eq!(found.len(), 1);
    assert_eq!(fake.seen().len(), 3);
}

#[tokio::test]
async fn target_groups_are_found_by_name() {
    let fake = Fake::script([groups(&["arn:tg/blue"])]).await;
    let found = fake
        .ports()
        .routing
        .find_target_groups_by_name(&["blue".to_owned()])
        .await
        .unwrap();
    assert_eq!(found[0].name, "blue");
    assert_eq!(fake.seen()[0].form()["Names.member.1"], "blue");
}

#[tokio::test]
async fn target_health_says_why() {
    let answer = xml(
        "<DescribeTargetHealthResponse xmlns=\"http://elasticloadbalancing.amazonaws.com/doc/2015-12-01/\">\
         <DescribeTargetHealthResult><TargetHealthDescriptions>\
         <member><Target><Id>10.0.0.1</Id><Port>8080</Port></Target><TargetHealth><State>unhealthy</State>\
         <Reason>Target.ResponseCodeMismatch</Reason><Description>Health checks failed with these codes: [503]</Description>\
         </TargetHealth></member></TargetHealthDescriptions></DescribeTargetHealthResult></DescribeTargetHealthResponse>",
    );
    let fake = Fake::script([answer]).await;
    let health = fake
        .ports()
        .routing
        .target_health("arn:tg/blue")
        .await
        .unwrap();
    assert_eq!(health[0].state, TargetState::Unhealthy);
    assert_eq!(
        health[0].reason.as_deref(),
        Some("Target.ResponseCodeMismatch")
    );
}

#[tokio::test]
async fn a_rule_shows_its_weights_and_its_listener() {
    let fake = Fake::script([rules()]).await;
    let rule = fake.ports().routing.find_rule(RULE).await.unwrap().unwrap();
    assert_eq!(rule.listener, LISTENER);
    let weight = |group: &str, weight| WeightedTarget {
        target_group: group.to_owned(),
        weight,
    };
    assert_eq!(
        rule.forward,
        [weight("arn:tg/blue", 90), weight("arn:tg/green", 10)]
    );
    assert_eq!(fake.seen()[0].form()["RuleArns.member.1"], RULE);
}

#[tokio::test]
async fn an_absent_rule_is_none() {
    let fake = Fake::script([xml_error("RuleNotFound", "One or more rules not found")]).await;
    assert_eq!(fake.ports().routing.find_rule(RULE).await.unwrap(), None);
}

#[tokio::test]
async fn a_listener_comes_with_its_rules_in_order() {
    let fake = Fake::script([listener(LISTENER), rules()]).await;
    let found = fake
        .ports()
        .routing
        .find_listener(LISTENER)
        .await
        .unwrap()
        .unwrap();
    assert_eq!((found.port, found.load_balancer.as_str()), (443, "arn:lb"));
    assert_eq!(
        found
            .rules
            .iter()
            .map(|rule| rule.is_default)
            .collect::<Vec<_>>(),
        [false, true]
    );
    assert_eq!(fake.seen()[1].form()["ListenerArn"], LISTENER);
}

#[tokio::test]
async fn a_network_listener_needs_no_second_call() {
    let arn = LISTENER.replace("/app/", "/net/");
    let fake = Fake::script([listener(&arn)]).await;
    let found = fake
        .ports()
        .routing
        .find_listener(&arn)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(found.rules[0].arn, arn);
    assert_eq!(fake.seen().len(), 1);
}
