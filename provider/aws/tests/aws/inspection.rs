//! What people look at: running tasks, logs, sessions, networks, certificates, and who calls.

use std::collections::BTreeSet;

use serde_json::json;
use switchyard_engine::ports::{ErrorKind, ExecCommand, LogQuery, ServiceRef, TaskStatus, WayOut};

use crate::fake::{Fake, json as reply, json_error, xml};

fn service() -> ServiceRef {
    ServiceRef {
        cluster: "main".to_owned(),
        name: "web".to_owned(),
    }
}

#[tokio::test]
async fn running_tasks_are_listed_over_pages_and_described() {
    let task = |id: &str, executes: bool| {
        json!({
            "taskArn": format!("arn:aws:ecs:eu-west-1:1:task/main/{id}"), "lastStatus": "RUNNING",
            "taskDefinitionArn": "arn:aws:ecs:eu-west-1:1:task-definition/web:7", "enableExecuteCommand": executes,
            "startedAt": 1_700_000_000.0,
            "containers": [{
                "name": "app", "runtimeId": format!("{id}-1"),
                "managedAgents": [{ "name": "ExecuteCommandAgent", "lastStatus": "RUNNING" }],
            }],
        })
    };
    let fake = Fake::script([
        reply(json!({ "taskArns": ["b"], "nextToken": "more" })),
        reply(json!({ "taskArns": ["a"] })),
        reply(json!({ "tasks": [task("b", true), task("a", false)], "failures": [] })),
    ])
    .await;
    let found = fake.inspection().running_tasks(&service()).await.unwrap();
    let told: Vec<(&str, bool)> = found
        .iter()
        .map(|it| (it.arn.as_str(), it.executes))
        .collect();
    assert_eq!(
        told,
        [
            ("arn:aws:ecs:eu-west-1:1:task/main/a", false),
            ("arn:aws:ecs:eu-west-1:1:task/main/b", true),
        ]
    );
    assert_eq!(found[0].status, TaskStatus::Running);
    let container = &found[0].containers[0];
    assert_eq!(container.runtime_id.as_deref(), Some("a-1"));
    assert_eq!(container.exec_agent.as_deref(), Some("RUNNING"));
    let seen = fake.seen();
    assert_eq!(seen[0].json()["desiredStatus"], "RUNNING");
    assert_eq!(seen[1].json()["nextToken"], "more");
    assert_eq!(seen[2].json()["tasks"], json!(["b", "a"]));
}

#[tokio::test]
async fn lines_are_read_until_the_limit_in_the_region_of_the_group() {
    let event = |id: &str, at: i64| json!({ "eventId": id, "timestamp": at, "message": "hello\n", "logStreamName": "web/app/1" });
    let fake = Fake::script([
        reply(json!({ "events": [event("2", 2000)], "nextToken": "x" })),
        reply(json!({ "events": [event("1", 1000)], "nextToken": "y" })),
    ])
    .await;
    let query = LogQuery {
        group: "arn:aws:logs:us-east-1:1:log-group:/shop/web:*".to_owned(),
        region: None,
        stream_prefix: Some("web/app/".to_owned()),
        since: "2026-01-01T00:00:00Z".parse().unwrap(),
        pattern: Some("ERROR".to_owned()),
        limit: 2,
    };
    let found = fake.inspection().log_lines(&query).await.unwrap();
    let ids: Vec<&str> = found.lines.iter().map(|line| line.id.as_str()).collect();
    assert_eq!(ids, ["1", "2"]);
    assert_eq!(found.lines[0].message, "hello");
    assert!(found.is_cut);
    let seen = fake.seen();
    assert_eq!(seen.len(), 2);
    let asked = seen[0].json();
    assert_eq!(asked["logGroupName"], "/shop/web");
    assert_eq!(asked["logStreamNamePrefix"], "web/app/");
    assert_eq!(asked["filterPattern"], "ERROR");
    assert_eq!(asked["startTime"], 1_767_225_600_000_i64);
    assert_eq!(seen[1].json()["nextToken"], "x");
    assert!(seen[0].headers["authorization"].contains("/us-east-1/logs/"));
}

#[tokio::test]
async fn a_session_is_started_once_and_its_token_is_not_shown() {
    let session = json!({ "sessionId": "s-1", "streamUrl": "wss://x", "tokenValue": "hidden" });
    let fake = Fake::script([
        reply(json!({ "session": session, "interactive": true })),
        json_error(
            400,
            "InvalidParameterException",
            "execute command was not enabled",
        ),
    ])
    .await;
    let command = ExecCommand {
        cluster: "main".to_owned(),
        task: "t".to_owned(),
        container: "app".to_owned(),
        command: "/bin/sh".to_owned(),
    };
    let found = fake.inspection().execute_command(&command).await.unwrap();
    assert_eq!((found.id.as_str(), found.token.as_str()), ("s-1", "hidden"));
    assert!(!format!("{found:?}").contains("hidden"));
    assert_eq!(fake.seen()[0].json()["interactive"], true);
    let refused = fake
        .inspection()
        .execute_command(&command)
        .await
        .unwrap_err();
    assert_eq!(refused.kind, ErrorKind::Rejected);
}

#[tokio::test]
async fn the_caller_is_known_with_awss_time() {
    let fake = Fake::script([xml(
        "<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:sts::1:assumed-role/deploy/me</Arn>\
         <UserId>x</UserId><Account>1</Account></GetCallerIdentityResult></GetCallerIdentityResponse>",
    )])
    .await;
    let found = fake.inspection().caller().await.unwrap();
    assert_eq!(found.account, "1");
    assert_eq!(found.arn, "arn:aws:sts::1:assumed-role/deploy/me");
    assert!(
        found.looked_at.contains("AWS_ACCESS_KEY_ID"),
        "{}",
        found.looked_at
    );
    assert!(found.date.is_some(), "the fake is a server with a clock");
    assert!(fake.seen()[0].headers["authorization"].contains("/sts/aws4_request"));
}

#[tokio::test]
async fn actions_that_the_simulation_does_not_allow_are_named() {
    let page = |action: &str, decision: &str, more: &str| {
        xml(&format!(
            "<SimulatePrincipalPolicyResponse><SimulatePrincipalPolicyResult><EvaluationResults><member>\
             <EvalActionName>{action}</EvalActionName><EvalDecision>{decision}</EvalDecision>\
             </member></EvaluationResults>{more}</SimulatePrincipalPolicyResult></SimulatePrincipalPolicyResponse>"
        ))
    };
    let fake = Fake::script([
        page(
            "ecs:UpdateService",
            "implicitDeny",
            "<IsTruncated>true</IsTruncated><Marker>m</Marker>",
        ),
        page(
            "ecs:DescribeServices",
            "allowed",
            "<IsTruncated>false</IsTruncated>",
        ),
    ])
    .await;
    let actions = [
        "ecs:UpdateService".to_owned(),
        "ecs:DescribeServices".to_owned(),
    ];
    let denied = fake
        .inspection()
        .denied_actions("arn:aws:sts::1:assumed-role/deploy/me", &actions)
        .await
        .unwrap();
    assert_eq!(denied, BTreeSet::from(["ecs:UpdateService".to_owned()]));
    let form = fake.seen()[0].form();
    assert_eq!(form["PolicySourceArn"], "arn:aws:iam::1:role/deploy");
    assert_eq!(form["ActionNames.member.2"], "ecs:DescribeServices");
    assert_eq!(fake.seen()[1].form()["Marker"], "m");
    let root = fake
        .inspection()
        .denied_actions("arn:aws:iam::1:root", &actions)
        .await;
    assert_eq!(root.unwrap_err().kind, ErrorKind::Rejected);
}

const TABLES: &str = "<DescribeRouteTablesResponse><routeTableSet>\
    <item><vpcId>vpc-1</vpcId><routeSet>\
      <item><destinationCidrBlock>0.0.0.0/0</destinationCidrBlock><gatewayId>igw-1</gatewayId><state>active</state></item>\
    </routeSet><associationSet><item><main>true</main></item></associationSet></item>\
    <item><vpcId>vpc-1</vpcId><routeSet>\
      <item><destinationCidrBlock>10.0.0.0/16</destinationCidrBlock><gatewayId>local</gatewayId></item>\
      <item><destinationCidrBlock>0.0.0.0/0</destinationCidrBlock><natGatewayId>nat-1</natGatewayId><state>active</state></item>\
    </routeSet><associationSet><item><subnetId>subnet-nat</subnetId></item></associationSet></item>\
    <item><vpcId>vpc-1</vpcId><routeSet>\
      <item><destinationCidrBlock>0.0.0.0/0</destinationCidrBlock><natGatewayId>nat-2</natGatewayId><state>blackhole</state></item>\
    </routeSet><associationSet><item><subnetId>subnet-hole</subnetId></item></associationSet></item>\
    <item><vpcId>vpc-1</vpcId><routeSet>\
      <item><destinationCidrBlock>0.0.0.0/0</destinationCidrBlock><transitGatewayId>tgw-1</transitGatewayId></item>\
    </routeSet><associationSet><item><subnetId>subnet-hub</subnetId></item></associationSet></item>\
    </routeTableSet></DescribeRouteTablesResponse>";

#[tokio::test]
async fn each_subnet_has_the_default_route_of_its_table() {
    let ids = ["subnet-hole", "subnet-hub", "subnet-main", "subnet-nat"];
    let items: String = ids
        .iter()
        .map(|id| format!("<item><subnetId>{id}</subnetId><vpcId>vpc-1</vpcId></item>"))
        .collect();
    let subnets = format!(
        "<DescribeSubnetsResponse><subnetSet>{items}</subnetSet></DescribeSubnetsResponse>"
    );
    let fake = Fake::script([xml(&subnets), xml(TABLES)]).await;
    let wanted = ids.iter().map(|id| (*id).to_owned()).collect();
    let found = fake.inspection().subnets(&wanted).await.unwrap();
    let ways: Vec<(&str, WayOut)> = found
        .iter()
        .map(|it| (it.id.as_str(), it.way_out))
        .collect();
    assert_eq!(
        ways,
        [
            ("subnet-hole", WayOut::Nowhere),
            ("subnet-hub", WayOut::Elsewhere),
            ("subnet-main", WayOut::Internet),
            ("subnet-nat", WayOut::Nat),
        ]
    );
    assert_eq!(fake.seen()[1].form()["Filter.1.Value.1"], "vpc-1");
}

#[tokio::test]
async fn endpoints_that_are_available_and_what_groups_let_in_are_read() {
    let endpoint = |name: &str, state: &str| {
        format!(
            "<item><serviceName>com.amazonaws.eu-west-1.{name}</serviceName><state>{state}</state></item>"
        )
    };
    let endpoints = format!(
        "<R><vpcEndpointSet>{}{}</vpcEndpointSet></R>",
        endpoint("ecr.api", "available"),
        endpoint("s3", "pending")
    );
    let groups = "<R><securityGroupInfo><item><groupId>sg-1</groupId><ipPermissions>\
        <item><ipProtocol>tcp</ipProtocol><fromPort>8080</fromPort><toPort>8081</toPort>\
          <groups><item><groupId>sg-lb</groupId></item></groups><ipRanges/></item>\
        <item><ipProtocol>-1</ipProtocol><groups/><ipRanges><item><cidrIp>10.0.0.0/8</cidrIp></item></ipRanges></item>\
        </ipPermissions></item></securityGroupInfo></R>";
    let fake = Fake::script([xml(&endpoints), xml(groups)]).await;
    let found = fake.inspection().endpoints("vpc-1").await.unwrap();
    assert_eq!(
        found,
        BTreeSet::from(["com.amazonaws.eu-west-1.ecr.api".to_owned()])
    );
    let groups = BTreeSet::from(["sg-1".to_owned()]);
    let found = fake.inspection().openings(&groups).await.unwrap();
    assert_eq!(found[0].ports, Some((8080, 8081)));
    assert_eq!(found[0].groups, BTreeSet::from(["sg-lb".to_owned()]));
    assert!(!found[0].has_addresses);
    assert_eq!(
        (
            found[1].protocol.as_str(),
            found[1].ports,
            found[1].has_addresses
        ),
        ("-1", None, true)
    );
}

#[tokio::test]
async fn certificates_are_those_of_all_listeners_each_once() {
    let listener = |arn: &str| {
        format!(
            "<member><Certificates><member><CertificateArn>{arn}</CertificateArn></member></Certificates></member>"
        )
    };
    let acm = "arn:aws:acm:eu-west-1:1:certificate/0";
    let listeners = format!(
        "<DescribeListenersResponse><DescribeListenersResult><Listeners>{}{}{}</Listeners></DescribeListenersResult></DescribeListenersResponse>",
        listener(acm),
        listener(acm),
        listener("arn:aws:iam::1:server-certificate/old")
    );
    let certificate = json!({ "Certificate": {
        "DomainName": "shop.example", "NotAfter": 1_800_000_000.0, "Type": "AMAZON_ISSUED", "RenewalEligibility": "ELIGIBLE",
    } });
    let fake = Fake::script([xml(&listeners), reply(certificate)]).await;
    let found = fake
        .inspection()
        .certificates("arn:aws:elasticloadbalancing:eu-west-1:1:loadbalancer/app/x/0")
        .await;
    let found = found.unwrap();
    assert_eq!(found.len(), 1);
    assert_eq!(
        (found[0].domain.as_str(), found[0].is_renewed),
        ("shop.example", true)
    );
    assert_eq!(found[0].ends_at.as_second(), 1_800_000_000);
    assert_eq!(
        fake.seen()[1].target(),
        "CertificateManager.DescribeCertificate"
    );
}
