//! What policies allow and deny, service by service, and how that is said.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use serde_json::{Value, json};
use support::{Reply, ecs, lab, query, send};
use switchyard_lab::{Caller, Lab, Policy};

const REGION: &str = "arn:aws:ecs:eu-west-1:123456789012";

fn allowing(statements: Value) -> Vec<Policy> {
    let document = json!({ "Version": "2012-10-17", "Statement": statements });
    vec![Policy::read(&document).unwrap()]
}

fn allow(actions: &[&str], resource: &str) -> Vec<Policy> {
    allowing(json!([{ "Effect": "Allow", "Action": actions, "Resource": resource }]))
}

#[track_caller]
fn says(reply: &Reply, status: u16, fragments: &[&str]) {
    let text = reply.text();
    assert_eq!(reply.status, status, "{text}");
    for fragment in fragments {
        assert!(text.contains(fragment), "{fragment} is not in {text}");
    }
}

async fn describe(lab: &Lab, services: &[&str]) -> Reply {
    let input = json!({ "cluster": "main", "services": services });
    ecs(lab.address(), "DescribeServices", input).await.unwrap()
}

#[tokio::test]
async fn without_policies_everything_is_allowed() {
    let lab = lab().await;
    let made = ecs(
        lab.address(),
        "CreateCluster",
        json!({ "clusterName": "main" }),
    )
    .await;
    assert_eq!(made.unwrap().status, 200);
    assert!(lab.permissions_used().is_empty());
    lab.stop().await;
}

#[tokio::test]
async fn ecs_says_what_is_missing_and_on_what() {
    let lab = lab().await;
    lab.call("ecs", "CreateCluster", json!({ "clusterName": "main" }))
        .unwrap();
    let services = format!("{REGION}:service/main/web");
    lab.allow_only(&Caller::Everybody, allow(&["ecs:Describe*"], &services));
    says(&describe(&lab, &["web"]).await, 200, &["failures"]);
    says(&describe(&lab, &[&services]).await, 200, &["failures"]);
    says(
        &describe(&lab, &["web", "api"]).await,
        400,
        &[
            "AccessDeniedException",
            "User: arn:aws:iam::123456789012:user/switchyard-lab is not authorized to perform: ecs:DescribeServices on \
             resource: arn:aws:ecs:eu-west-1:123456789012:service/main/api because no identity-based policy allows the \
             ecs:DescribeServices action",
        ],
    );
    let used: Vec<String> = lab.permissions_used().into_iter().collect();
    assert_eq!(used, ["ecs:DescribeServices"]);
    lab.stop().await;
}

#[tokio::test]
async fn a_denial_is_told_apart_and_wins() {
    let lab = lab().await;
    lab.call("ecs", "CreateCluster", json!({ "clusterName": "main" }))
        .unwrap();
    let policies = allowing(json!([
        { "Effect": "Allow", "Action": "*", "Resource": "*" },
        { "Effect": "Deny", "Action": "ecs:DescribeServices", "Resource": format!("{REGION}:service/*/web") },
    ]));
    lab.allow_only(&Caller::Everybody, policies);
    says(&describe(&lab, &["api"]).await, 200, &[]);
    let refused = describe(&lab, &["web"]).await;
    says(
        &refused,
        400,
        &["with an explicit deny in an identity-based policy"],
    );
    lab.stop().await;
}

#[tokio::test]
async fn an_access_key_has_policies_of_its_own() {
    let lab = lab().await;
    let other = Caller::AccessKey("AKIAOTHER".to_owned());
    lab.allow_only(&other, allow(&["sts:*"], "*"));
    let call = async |key: &str| {
        let scope = format!(
            "AWS4-HMAC-SHA256 Credential={key}/20251121/eu-west-1/ecs/aws4_request, SignedHeaders=host, Signature=0"
        );
        let headers = [
            ("authorization", scope.as_str()),
            (
                "x-amz-target",
                "AmazonEC2ContainerServiceV20141113.ListClusters",
            ),
            ("content-type", "application/x-amz-json-1.1"),
        ];
        send(lab.address(), "POST", "/", &headers, b"{}")
            .await
            .unwrap()
    };
    assert_eq!(call("AKIAFIRST").await.status, 200);
    says(&call("AKIAOTHER").await, 400, &["ecs:ListClusters"]);
    lab.allow_only(&Caller::Everybody, allow(&["sts:*"], "*"));
    assert_eq!(call("AKIAFIRST").await.status, 400);
    lab.allow_only(&other, allow(&["ecs:listclusters"], "*"));
    assert_eq!(call("AKIAOTHER").await.status, 200);
    lab.stop().await;
}

#[tokio::test]
async fn roles_are_passed_and_tags_are_set_by_permission() {
    let lab = lab().await;
    let definition = json!({
        "family": "web", "executionRoleArn": "arn:aws:iam::123456789012:role/pull", "taskRoleArn": "app",
        "containerDefinitions": [{ "name": "app", "image": "app:v1", "memory": 64 }],
        "tags": [{ "key": "team", "value": "shop" }],
    });
    let register = async || {
        let registered = ecs(lab.address(), "RegisterTaskDefinition", definition.clone());
        registered.await.unwrap()
    };
    let statement = |action: &str, resource: &str| json!({ "Effect": "Allow", "Action": action, "Resource": resource });
    let family = format!("{REGION}:task-definition/web:*");
    let mut statements = vec![statement("ecs:RegisterTaskDefinition", &family)];
    let mut next = |lab: &Lab, more: Value| {
        statements.push(more);
        lab.allow_only(&Caller::Everybody, allowing(json!(statements)));
    };
    next(&lab, statement("sts:*", "*"));
    says(&register().await, 400, &["ecs:TagResource on resource:"]);
    next(&lab, statement("ecs:TagResource", &family));
    let to = |service: &str, role: &str| {
        json!({
            "Effect": "Allow", "Action": "iam:PassRole", "Resource": format!("arn:aws:iam::123456789012:role/{role}"),
            "Condition": { "StringEquals": { "iam:PassedToService": service } },
        })
    };
    says(
        &register().await,
        400,
        &["iam:PassRole on resource: arn:aws:iam::123456789012:role/app"],
    );
    next(&lab, to("ecs.amazonaws.com", "app"));
    says(
        &register().await,
        400,
        &["iam:PassRole on resource: arn:aws:iam::123456789012:role/app"],
    );
    next(&lab, to("ecs-tasks.amazonaws.com", "app"));
    says(
        &register().await,
        400,
        &["iam:PassRole on resource: arn:aws:iam::123456789012:role/pull"],
    );
    next(&lab, to("ecs-tasks.amazonaws.com", "pull"));
    assert_eq!(register().await.status, 200);
    lab.stop().await;
}

#[tokio::test]
async fn load_balancing_says_it_in_xml_and_without_a_resource_where_there_is_none() {
    let lab = lab().await;
    lab.allow_only(
        &Caller::Everybody,
        allow(
            &["elasticloadbalancing:DescribeRules"],
            "arn:aws:elasticloadbalancing:*",
        ),
    );
    let form = "Action=DescribeRules&Version=2015-12-01&ListenerArn=arn";
    let refused = query(lab.address(), "elasticloadbalancing", form)
        .await
        .unwrap();
    says(
        &refused,
        403,
        &[
            "<Code>AccessDenied</Code>",
            "is not authorized to perform: elasticloadbalancing:DescribeRules because no identity-based policy",
        ],
    );
    let form = "Action=DeleteRule&Version=2015-12-01&RuleArn=arn:aws:elasticloadbalancing:eu-west-1:123456789012:listener-rule/app/a/b/c/d";
    let refused = query(lab.address(), "elasticloadbalancing", form)
        .await
        .unwrap();
    says(
        &refused,
        403,
        &[
            "DeleteRule on resource: arn:aws:elasticloadbalancing:eu-west-1:123456789012:listener-rule/app/a/b/c/d because",
        ],
    );
    lab.stop().await;
}

#[tokio::test]
async fn scaling_asks_for_the_rights_on_what_is_scaled() {
    let lab = lab().await;
    let register = async || {
        let headers = [
            (
                "authorization",
                "AWS4-HMAC-SHA256 Credential=A/20251121/eu-west-1/application-autoscaling/aws4_request, SignedHeaders=host, Signature=0",
            ),
            (
                "x-amz-target",
                "AnyScaleFrontendService.RegisterScalableTarget",
            ),
            ("content-type", "application/x-amz-json-1.1"),
        ];
        let input = json!({
            "ServiceNamespace": "ecs", "ResourceId": "service/main/web", "ScalableDimension": "ecs:service:DesiredCount",
            "MinCapacity": 1, "MaxCapacity": 2,
        });
        send(
            lab.address(),
            "POST",
            "/",
            &headers,
            input.to_string().as_bytes(),
        )
        .await
        .unwrap()
    };
    let mut actions = vec!["application-autoscaling:RegisterScalableTarget"];
    lab.allow_only(&Caller::Everybody, allow(&actions, "*"));
    says(
        &register().await,
        400,
        &["AccessDeniedException", "iam:CreateServiceLinkedRole"],
    );
    actions.push("iam:CreateServiceLinkedRole");
    lab.allow_only(&Caller::Everybody, allow(&actions, "*"));
    says(
        &register().await,
        400,
        &[
            "ValidationException",
            "ecs:DescribeServices on resource: arn:aws:ecs:eu-west-1:123456789012:service/main/web",
        ],
    );
    lab.stop().await;
}

#[tokio::test]
async fn s3_has_actions_of_other_names() {
    let lab = lab().await;
    lab.allow_only(
        &Caller::Everybody,
        allow(&["s3:GetObject"], "arn:aws:s3:::kept/a/*"),
    );
    let headers = [(
        "authorization",
        "AWS4-HMAC-SHA256 Credential=A/20251121/eu-west-1/s3/aws4_request, SignedHeaders=host, Signature=0",
    )];
    for (method, path, missing) in [
        (
            "GET",
            "/kept?list-type=2",
            "s3:ListBucket on resource: \"arn:aws:s3:::kept\"",
        ),
        (
            "GET",
            "/kept?encryption=",
            "s3:GetEncryptionConfiguration on resource: \"arn:aws:s3:::kept\"",
        ),
        (
            "GET",
            "/kept/b%2Fc",
            "s3:GetObject on resource: \"arn:aws:s3:::kept/b/c\"",
        ),
        (
            "PUT",
            "/kept/a/b",
            "s3:PutObject on resource: \"arn:aws:s3:::kept/a/b\"",
        ),
    ] {
        let reply = send(lab.address(), method, path, &headers, b"")
            .await
            .unwrap();
        let missing = missing.replace('"', "&quot;");
        let text = reply.text().replace('"', "&quot;");
        assert_eq!(reply.status, 403, "{text}");
        assert!(
            text.contains("AccessDenied") && text.contains(&missing),
            "{missing} is not in {text}"
        );
    }
    lab.stop().await;
}
