//! `render` and `init`: what they write is what AWS and Terraform take.

use serde_json::{Value, json};
use switchyard_operate::{Document, Exit};
use switchyard_world::Service;

use crate::operator::{create_code_deployed, live, of, web};

#[tokio::test]
async fn the_live_task_definition_can_be_registered_again() {
    let account = live().await;
    let text = web()
        .render(&account.ports, Document::TaskDefinition)
        .await
        .ends(Exit::Done);
    let document: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(document["family"], "web");
    for member in ["taskDefinitionArn", "revision", "status", "registeredAt"] {
        assert_eq!(document.get(member), None, "{member}");
    }
    let again = account.ecs("RegisterTaskDefinition", document);
    let found = |arn: &Value| {
        let input = json!({ "taskDefinition": arn });
        account.ecs("DescribeTaskDefinition", input)["taskDefinition"]["containerDefinitions"]
            .clone()
    };
    let arn = &again["taskDefinition"]["taskDefinitionArn"];
    assert_eq!(found(arn), found(&json!("web:1")));
}

#[tokio::test]
async fn the_app_spec_of_a_service_names_its_live_revision() {
    let account = switchyard_support::account::Account::with_code_deploy();
    create_code_deployed(&account).await;
    let text = web()
        .render(&account.ports, Document::AppSpec)
        .await
        .ends(Exit::Done);
    let spec: Value = serde_json::from_str(&text).unwrap();
    let properties = &spec["Resources"][0]["TargetService"]["Properties"];
    let definition = properties["TaskDefinition"].as_str().unwrap();
    assert!(
        definition.ends_with(":task-definition/web:1"),
        "{definition}"
    );
    let info = json!({ "ContainerName": "app", "ContainerPort": 8080 });
    assert_eq!(properties["LoadBalancerInfo"], info);
}

#[tokio::test]
async fn import_blocks_are_written_for_services_and_their_scaling() {
    let account = live().await;
    let input = json!({
        "ServiceNamespace": "ecs", "ResourceId": "service/main/web", "ScalableDimension": "ecs:service:DesiredCount",
        "MinCapacity": 2, "MaxCapacity": 6,
    });
    account.call(Service::AutoScaling, "RegisterScalableTarget", input);
    // A target alone scales nothing, and is no resource.
    let text = web().init(&account.ports).await.ends(Exit::Done);
    assert!(!text.contains("switchyard_scaling_policy_set"), "{text}");
    let policy = json!({
        "ServiceNamespace": "ecs", "ResourceId": "service/main/web", "ScalableDimension": "ecs:service:DesiredCount",
        "PolicyName": "cpu", "PolicyType": "TargetTrackingScaling",
        "TargetTrackingScalingPolicyConfiguration": {
            "TargetValue": 60.0,
            "PredefinedMetricSpecification": { "PredefinedMetricType": "ECSServiceAverageCPUUtilization" },
        },
    });
    account.call(Service::AutoScaling, "PutScalingPolicy", policy);
    let text = web().init(&account.ports).await.ends(Exit::Done);
    assert_eq!(
        text,
        "import {\n  to = switchyard_scaling_policy_set.web\n  id = \"main/web\"\n}\n\nimport {\n  to = \
         switchyard_blue_green_service.web\n  id = \"main/web\"\n}\n"
    );
    let found = web().json().init(&account.ports).await.json();
    assert_eq!(found["imports"][1]["id"], "main/web");
    let message = of(&["wbe"], Some("main"))
        .init(&account.ports)
        .await
        .fails();
    assert!(message.contains("Did you mean `web`?"), "{message}");
}
