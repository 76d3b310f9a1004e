//! Listener rules for who owns them: what is sent, and what an answer means.

use std::collections::{BTreeMap, BTreeSet};

use switchyard_engine::ports::{ErrorKind, Matches, NewRule, RuleCondition, WeightedTarget};

use crate::fake::{Fake, Reply, Seen, xml, xml_error};

const LISTENER: &str = "arn:aws:elasticloadbalancing:eu-west-1:1:listener/app/lb/10/20";
const RULE: &str = "arn:aws:elasticloadbalancing:eu-west-1:1:listener-rule/app/lb/10/20/30";

fn answer(operation: &str, body: &str) -> Reply {
    xml(&format!(
        "<{operation}Response xmlns=\"http://elasticloadbalancing.amazonaws.com/doc/2015-12-01/\">\
         <{operation}Result>{body}</{operation}Result></{operation}Response>"
    ))
}

fn rules(actions: &str) -> String {
    format!(
        "<Rules><member><RuleArn>{RULE}</RuleArn><Priority>10</Priority><IsDefault>false</IsDefault><Conditions><member>\
         <Field>path-pattern</Field><Values><member>/x</member></Values></member></Conditions><Actions>{actions}</Actions>\
         </member></Rules>"
    )
}

const REDIRECT: &str = "<member><Type>redirect</Type><Order>2</Order><RedirectConfig><StatusCode>HTTP_302</StatusCode>\
    </RedirectConfig></member>";
const LOGIN: &str = "<member><Type>authenticate-cognito</Type><Order>1</Order><AuthenticateCognitoConfig>\
    <UserPoolArn>arn:p</UserPoolArn><UserPoolClientId>c</UserPoolClientId><UserPoolDomain>d</UserPoolDomain>\
    </AuthenticateCognitoConfig></member>";

fn forward() -> Vec<WeightedTarget> {
    [("arn:tg/blue", 100), ("arn:tg/green", 0)]
        .map(|(group, weight)| WeightedTarget {
            target_group: group.to_owned(),
            weight,
        })
        .into()
}

fn paths() -> BTreeSet<RuleCondition> {
    [RuleCondition::PathPattern(Matches {
        values: ["/x".to_owned()].into(),
        regex: BTreeSet::new(),
    })]
    .into()
}

fn texts(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs
        .iter()
        .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
        .collect()
}

#[track_caller]
fn sent(seen: &Seen, fields: &[(&str, &str)]) {
    let form = seen.form();
    for (name, value) in fields {
        assert_eq!(
            form.get(*name).map(String::as_str),
            Some(*value),
            "{name}: {form:?}"
        );
    }
}

#[tokio::test]
async fn a_rule_is_made_with_everything_in_one_call() {
    let forwards =
        "<member><Type>forward</Type><TargetGroupArn>arn:tg/blue</TargetGroupArn></member>";
    let fake = Fake::script([answer("CreateRule", &rules(forwards))]).await;
    let made = fake
        .ports()
        .listener_rules
        .create_rule(&NewRule {
            listener: LISTENER.to_owned(),
            priority: 10,
            conditions: paths(),
            forward: forward(),
            stickiness_seconds: Some(60),
            tags: texts(&[("team", "shop")]),
        })
        .await
        .unwrap();
    assert_eq!((made.rule.arn.as_str(), made.priority), (RULE, Some(10)));
    assert_eq!(made.conditions, paths());
    let forward = "Actions.member.1.ForwardConfig";
    sent(
        &fake.seen()[0],
        &[
            ("Action", "CreateRule"),
            ("ListenerArn", LISTENER),
            ("Priority", "10"),
            ("Conditions.member.1.Field", "path-pattern"),
            (
                "Conditions.member.1.PathPatternConfig.Values.member.1",
                "/x",
            ),
            ("Actions.member.1.Type", "forward"),
            (&format!("{forward}.TargetGroups.member.1.Weight"), "100"),
            (&format!("{forward}.TargetGroups.member.2.Weight"), "0"),
            (
                &format!("{forward}.TargetGroupStickinessConfig.Enabled"),
                "true",
            ),
            (
                &format!("{forward}.TargetGroupStickinessConfig.DurationSeconds"),
                "60",
            ),
            ("Tags.member.1.Key", "team"),
            ("Tags.member.1.Value", "shop"),
        ],
    );
}

#[tokio::test]
async fn a_redirect_becomes_a_forward_and_what_comes_before_stays() {
    let fake = Fake::script([
        answer("DescribeRules", &rules(&format!("{LOGIN}{REDIRECT}"))),
        answer("ModifyRule", ""),
    ])
    .await;
    let rules = fake.ports().listener_rules;
    rules.set_targets(RULE, &forward(), None).await.unwrap();
    let seen = fake.seen();
    sent(
        &seen[1],
        &[
            ("Action", "ModifyRule"),
            ("RuleArn", RULE),
            ("Actions.member.1.Type", "authenticate-cognito"),
            ("Actions.member.2.Type", "forward"),
            ("Actions.member.2.Order", "2"),
        ],
    );
    assert!(
        !seen[1]
            .form()
            .keys()
            .any(|name| name.contains("Conditions"))
    );
}

#[tokio::test]
async fn conditions_are_sent_without_actions() {
    let fake = Fake::script([answer("ModifyRule", "")]).await;
    let rules = fake.ports().listener_rules;
    rules.set_conditions(RULE, &paths()).await.unwrap();
    let form = fake.seen()[0].form();
    assert!(
        !form.keys().any(|name| name.contains("Actions")),
        "{form:?}"
    );
}

#[tokio::test]
async fn tags_of_several_rules_are_read_together() {
    let described = |arn: &str| {
        format!(
            "<member><ResourceArn>{arn}</ResourceArn><Tags><member><Key>of</Key><Value>{arn}</Value></member></Tags></member>"
        )
    };
    let (one, two) = (format!("{RULE}1"), format!("{RULE}2"));
    let fake = Fake::script([answer(
        "DescribeTags",
        &format!(
            "<TagDescriptions>{}{}</TagDescriptions>",
            described(&one),
            described(&two)
        ),
    )])
    .await;
    let rules = fake.ports().listener_rules;
    let (first, second) = tokio::join!(rules.rule_tags(&one), rules.rule_tags(&two));
    assert_eq!(first.unwrap(), texts(&[("of", &one)]));
    assert_eq!(second.unwrap(), texts(&[("of", &two)]));
    assert_eq!(fake.seen().len(), 1);
}

#[tokio::test]
async fn a_priority_that_is_taken_and_rules_that_are_gone_are_told_apart() {
    let fake = Fake::script([
        xml_error("PriorityInUse", "Priority '10' is currently in use"),
        xml_error("RuleNotFound", "One or more rules not found"),
        xml_error("ListenerNotFound", "One or more listeners not found"),
    ])
    .await;
    let rules = fake.ports().listener_rules;
    let taken = rules
        .set_priorities(&[(RULE.to_owned(), 10)])
        .await
        .unwrap_err();
    assert_eq!(taken.kind, ErrorKind::AlreadyExists);
    let gone = rules.delete_rule(RULE).await.unwrap_err();
    assert_eq!(gone.kind, ErrorKind::NotFound);
    assert_eq!(rules.rules_of(LISTENER).await.unwrap(), None);
}
