//! Each documented answer of an operation that the adapters read.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::{Value, json};
use switchyard_engine::ports::{
    AdjustmentType, Comparison, Controller, MetricQuery, MetricSource, NewCodeDeployDeployment,
    NewService, NewTaskSet, Policy, PropagateTags, ScalingPolicy, ServiceChange, ServiceRef,
    TaskDefinition,
};

use super::{Documents, all_read, cloudwatch, deploy, ecs, elb, scaling};

pub(super) fn text(value: &Value, pointer: &str) -> String {
    let found = value.pointer(pointer).and_then(Value::as_str);
    found
        .unwrap_or_else(|| panic!("nothing at {pointer}: {value}"))
        .to_owned()
}

fn texts(value: &Value) -> Vec<String> {
    let items = value.as_array().unwrap().iter();
    items
        .map(|item| item.as_str().unwrap().to_owned())
        .collect()
}

fn service_ref(service: &Value) -> ServiceRef {
    ServiceRef {
        cluster: text(service, "/clusterArn"),
        name: text(service, "/serviceName"),
    }
}

pub(super) fn somewhere() -> ServiceRef {
    ServiceRef {
        cluster: "default".to_owned(),
        name: "web".to_owned(),
    }
}

/// Members of a service that are not read: its old list of deployments says less than service deployments do; who made it
/// and in which role does not matter. Whether tasks have public addresses is read as a yes or no.
const NOT_OF_SERVICES: [&str; 4] = [
    "service.createdBy",
    "service.deployments",
    "service.networkConfiguration.awsvpcConfiguration.assignPublicIp",
    "service.roleArn",
];

fn all_of(definition: &TaskDefinition) -> String {
    format!(
        "{definition:?} {} {:?}",
        definition.document, definition.tags
    )
}

#[tokio::test]
async fn services_are_read() {
    let documents = Documents::installed().await;
    let mut read = Vec::new();
    for answer in documents.answers(ecs("DescribeServices")) {
        let fake = documents
            .replayed(&[(ecs("DescribeServices"), answer.clone())])
            .await;
        let shown = &answer["services"][0];
        let service = fake
            .ports()
            .services
            .find_service(&service_ref(shown))
            .await;
        let service = service.unwrap().unwrap();
        assert_eq!(u64::from(service.desired), shown["desiredCount"]);
        assert_eq!(u64::from(service.running), shown["runningCount"]);
        read.push((answer, format!("{service:?}")));
    }
    all_read(
        &documents,
        ecs("DescribeServices"),
        &read,
        &["services.deployments"],
    );
}

#[tokio::test]
async fn created_services_are_read() {
    let documents = Documents::installed().await;
    let mut read = Vec::new();
    for answer in documents.answers(ecs("CreateService")) {
        let fake = documents
            .replayed(&[(ecs("CreateService"), answer.clone())])
            .await;
        let new = NewService {
            service: somewhere(),
            client_token: "t".to_owned(),
            controller: Controller::Ecs,
            task_definition: Some("web".to_owned()),
            desired: 1,
            launch: None,
            platform_version: None,
            network: None,
            load_balancers: Vec::new(),
            deployment_configuration: None,
            health_check_grace_seconds: None,
            enable_execute_command: false,
            enable_managed_tags: false,
            propagate_tags: PropagateTags::None,
            tags: BTreeMap::new(),
            parts: BTreeMap::new(),
        };
        let service = fake.ports().services.create_service(&new).await.unwrap();
        let shown = &answer["service"];
        assert_eq!(u64::from(service.desired), shown["desiredCount"]);
        let awsvpc = &shown["networkConfiguration"]["awsvpcConfiguration"];
        let is_public = service
            .network
            .as_ref()
            .is_some_and(|network| network.assign_public_ip);
        assert_eq!(is_public, awsvpc["assignPublicIp"] == "ENABLED");
        read.push((answer, format!("{service:?}")));
    }
    assert_eq!(read.len(), 5);
    all_read(&documents, ecs("CreateService"), &read, &NOT_OF_SERVICES);
}

#[tokio::test]
async fn updated_services_are_read() {
    let documents = Documents::installed().await;
    let mut read = Vec::new();
    for answer in documents.answers(ecs("UpdateService")) {
        let fake = documents
            .replayed(&[(ecs("UpdateService"), answer.clone())])
            .await;
        let change = ServiceChange::default();
        let service = fake
            .ports()
            .services
            .update_service(&somewhere(), &change)
            .await
            .unwrap();
        read.push((answer, format!("{service:?}")));
    }
    let unread = NOT_OF_SERVICES
        .iter()
        .filter(|member| !member.contains("loadBalancers") && !member.contains("assignPublicIp"));
    let unread: Vec<&str> = unread.copied().chain(["service.platformFamily"]).collect();
    all_read(&documents, ecs("UpdateService"), &read, &unread);
}

#[tokio::test]
async fn task_definitions_are_read() {
    let documents = Documents::installed().await;
    let mut read = Vec::new();
    for answer in documents.answers(ecs("DescribeTaskDefinition")) {
        let fake = documents
            .replayed(&[(ecs("DescribeTaskDefinition"), answer.clone())])
            .await;
        let arn = text(&answer, "/taskDefinition/taskDefinitionArn");
        let found = fake.ports().services.find_task_definition(&arn).await;
        read.push((answer, all_of(&found.unwrap().unwrap())));
    }
    let unread = ["taskDefinition.registeredAt"];
    all_read(&documents, ecs("DescribeTaskDefinition"), &read, &unread);

    let mut read = Vec::new();
    for answer in documents.answers(ecs("RegisterTaskDefinition")) {
        let fake = documents
            .replayed(&[(ecs("RegisterTaskDefinition"), answer.clone())])
            .await;
        let document =
            json!({"family": "f", "containerDefinitions": [{"name": "a", "image": "a"}]});
        let services = fake.ports().services;
        let made = services
            .register_task_definition(&document, &BTreeMap::new())
            .await;
        read.push((answer, all_of(&made.unwrap())));
    }
    all_read(&documents, ecs("RegisterTaskDefinition"), &read, &[]);

    for answer in documents.answers(ecs("ListTaskDefinitions")) {
        let arns = texts(&answer["taskDefinitionArns"]);
        let fake = documents
            .replayed(&[(ecs("ListTaskDefinitions"), answer)])
            .await;
        let family = arns[0].rsplit(['/', ':']).nth(1).unwrap();
        let found = fake
            .ports()
            .services
            .list_task_definitions(family)
            .await
            .unwrap();
        assert_eq!(found, arns);
    }
}

#[tokio::test]
async fn deployments_and_revisions_are_read() {
    let documents = Documents::installed().await;
    let mut read = Vec::new();
    let described = documents.answers(ecs("DescribeServiceDeployments"));
    for answer in &described {
        let fake = documents
            .replayed(&[(ecs("DescribeServiceDeployments"), answer.clone())])
            .await;
        let arn = text(answer, "/serviceDeployments/0/serviceDeploymentArn");
        let found = fake
            .ports()
            .services
            .find_deployment(&arn)
            .await
            .unwrap()
            .unwrap();
        read.push((answer.clone(), format!("{found:?}")));
    }
    let unread = [
        "serviceDeployments.alarms.status",
        "serviceDeployments.clusterArn",
        "serviceDeployments.deploymentConfiguration",
        "serviceDeployments.serviceArn",
        "serviceDeployments.startedAt",
    ];
    all_read(
        &documents,
        ecs("DescribeServiceDeployments"),
        &read,
        &unread,
    );

    let mut read = Vec::new();
    for answer in documents.answers(ecs("DescribeServiceRevisions")) {
        let fake = documents
            .replayed(&[(ecs("DescribeServiceRevisions"), answer.clone())])
            .await;
        let arn = text(&answer, "/serviceRevisions/0/serviceRevisionArn");
        let found = fake.ports().services.find_revisions(&[arn]).await.unwrap();
        read.push((answer, format!("{found:?}")));
    }
    let unread = [
        "serviceRevisions.clusterArn",
        "serviceRevisions.networkConfiguration.awsvpcConfiguration.assignPublicIp",
        "serviceRevisions.platformFamily",
        "serviceRevisions.serviceArn",
    ];
    all_read(&documents, ecs("DescribeServiceRevisions"), &read, &unread);
}

#[tokio::test]
async fn task_sets_tasks_and_clusters_are_read() {
    let documents = Documents::installed().await;
    let mut read = Vec::new();
    for answer in documents.answers(ecs("CreateTaskSet")) {
        let fake = documents
            .replayed(&[(ecs("CreateTaskSet"), answer.clone())])
            .await;
        let new = NewTaskSet {
            service: somewhere(),
            client_token: "t".to_owned(),
            task_definition: "web".to_owned(),
            launch: None,
            platform_version: None,
            network: None,
            load_balancers: Vec::new(),
            scale_percent: 100.0,
            tags: BTreeMap::new(),
            external_id: None,
            parts: BTreeMap::new(),
        };
        let set = fake.ports().services.create_task_set(&new).await.unwrap();
        read.push((answer, format!("{set:?}")));
    }
    let unread = [
        "taskSet.networkConfiguration.awsvpcConfiguration.assignPublicIp",
        "taskSet.taskSetArn",
    ];
    all_read(&documents, ecs("CreateTaskSet"), &read, &unread);

    for answer in documents.answers(ecs("DescribeTasks")) {
        let list = json!({"taskArns": [answer["tasks"][0]["taskArn"]]});
        let answers = [
            (ecs("ListTasks"), list),
            (ecs("DescribeTasks"), answer.clone()),
        ];
        let fake = documents.replayed(&answers).await;
        let tasks = fake
            .ports()
            .services
            .stopped_tasks(&somewhere())
            .await
            .unwrap();
        let shown = &answer["tasks"][0];
        assert_eq!(tasks[0].arn, text(shown, "/taskArn"));
        assert_eq!(tasks[0].task_definition, text(shown, "/taskDefinitionArn"));
        assert_eq!(tasks[0].started_by.as_deref(), shown["startedBy"].as_str());
        let container = text(shown, "/containers/0/name");
        // Both run: nothing is said of an end.
        assert_eq!(tasks[0].containers[&container], (None, None));
        assert_eq!((&tasks[0].stop_code, &tasks[0].stopped_at), (&None, &None));
    }

    for answer in documents.answers(ecs("DescribeClusters")) {
        let fake = documents
            .replayed(&[(ecs("DescribeClusters"), answer.clone())])
            .await;
        let arn = text(&answer, "/clusters/0/clusterArn");
        assert!(fake.ports().services.cluster_is_active(&arn).await.unwrap());
    }

    for answer in documents.answers(ecs("DescribeContainerInstances")) {
        let list = json!({"containerInstanceArns": [answer["containerInstances"][0]["containerInstanceArn"]]});
        let answers = [
            (ecs("ListContainerInstances"), list),
            (ecs("DescribeContainerInstances"), answer.clone()),
        ];
        let fake = documents.replayed(&answers).await;
        let free = fake
            .ports()
            .services
            .free_capacity("default")
            .await
            .unwrap();
        let remaining = answer["containerInstances"][0]["remainingResources"]
            .as_array()
            .unwrap();
        let of = |name: &str| {
            let resource = remaining.iter().find(|resource| resource["name"] == name);
            resource.unwrap()["integerValue"].as_u64().unwrap()
        };
        assert_eq!(
            (u64::from(free[0].cpu), u64::from(free[0].memory)),
            (of("CPU"), of("MEMORY"))
        );
    }
}

#[tokio::test]
async fn target_groups_and_their_health_are_read() {
    let documents = Documents::installed().await;
    let mut read = Vec::new();
    for answer in documents.answers(elb("DescribeTargetGroups")) {
        let fake = documents
            .replayed(&[(elb("DescribeTargetGroups"), answer.clone())])
            .await;
        let arn = text(&answer, "/TargetGroups/0/TargetGroupArn");
        let found = fake
            .ports()
            .routing
            .find_target_groups(&[arn])
            .await
            .unwrap();
        read.push((
            json!({"TargetGroups": [answer["TargetGroups"][0]]}),
            format!("{found:?}"),
        ));
    }
    let unread = [
        "TargetGroups.HealthCheckProtocol",
        "TargetGroups.IpAddressType",
        "TargetGroups.Matcher",
        "TargetGroups.Port",
        "TargetGroups.Protocol",
        "TargetGroups.ProtocolVersion",
        "TargetGroups.VpcId",
    ];
    all_read(&documents, elb("DescribeTargetGroups"), &read, &unread);

    let mut read = Vec::new();
    for answer in documents.answers(elb("DescribeTargetHealth")) {
        let fake = documents
            .replayed(&[(elb("DescribeTargetHealth"), answer.clone())])
            .await;
        let found = fake
            .ports()
            .routing
            .target_health("arn:group")
            .await
            .unwrap();
        read.push((answer, format!("{found:?}")));
    }
    all_read(&documents, elb("DescribeTargetHealth"), &read, &[]);
}

#[tokio::test]
async fn listeners_rules_and_load_balancers_are_read() {
    let documents = Documents::installed().await;
    let mut read = Vec::new();
    let rules = documents.answers(elb("ModifyRule"));
    for answer in &rules {
        let fake = documents
            .replayed(&[(elb("DescribeRules"), answer.clone())])
            .await;
        let arn = text(answer, "/Rules/0/RuleArn");
        let found = fake.ports().routing.find_rule(&arn).await.unwrap().unwrap();
        read.push((answer.clone(), format!("{found:?}")));
    }
    let unread = ["Rules.Conditions", "Rules.Priority"];
    all_read(&documents, elb("ModifyRule"), &read, &unread);

    let mut read = Vec::new();
    for answer in documents.answers(elb("DescribeListeners")) {
        let answers = [
            (elb("DescribeListeners"), answer.clone()),
            (elb("DescribeRules"), rules[0].clone()),
        ];
        let fake = documents.replayed(&answers).await;
        let arn = text(&answer, "/Listeners/0/ListenerArn");
        let found = fake.ports().routing.find_listener(&arn).await.unwrap();
        read.push((
            json!({"Listeners": [answer["Listeners"][0]]}),
            format!("{found:?}"),
        ));
    }
    let unread = ["Listeners.Certificates", "Listeners.SslPolicy"];
    all_read(&documents, elb("DescribeListeners"), &read, &unread);

    for answer in documents.answers(elb("DescribeLoadBalancers")) {
        let fake = documents
            .replayed(&[(elb("DescribeLoadBalancers"), answer.clone())])
            .await;
        let arn = text(&answer, "/LoadBalancers/0/LoadBalancerArn");
        let found = fake.ports().routing.find_dns_name(&arn).await.unwrap();
        assert_eq!(found, Some(text(&answer, "/LoadBalancers/0/DNSName")));
    }
}

#[tokio::test]
async fn code_deploys_deployments_are_read() {
    let documents = Documents::installed().await;
    let mut read = Vec::new();
    for answer in documents.answers(deploy("GetDeployment")) {
        let fake = documents
            .replayed(&[(deploy("GetDeployment"), answer.clone())])
            .await;
        let id = text(&answer, "/deploymentInfo/deploymentId");
        let found = fake
            .ports()
            .code_deploy
            .find_deployment(&id)
            .await
            .unwrap()
            .unwrap();
        read.push((answer, format!("{found:?}")));
    }
    let unread = ["deploymentInfo.revision"];
    all_read(&documents, deploy("GetDeployment"), &read, &unread);

    let mut read = Vec::new();
    for answer in documents.answers(deploy("GetDeploymentGroup")) {
        let fake = documents
            .replayed(&[(deploy("GetDeploymentGroup"), answer.clone())])
            .await;
        let found = fake
            .ports()
            .code_deploy
            .find_group("a", "g")
            .await
            .unwrap()
            .unwrap();
        read.push((answer, format!("{found:?}")));
    }
    let unread = [
        "deploymentGroupInfo.deploymentGroupId",
        "deploymentGroupInfo.ec2TagFilters",
        "deploymentGroupInfo.serviceRoleArn",
    ];
    all_read(&documents, deploy("GetDeploymentGroup"), &read, &unread);

    let mut read = Vec::new();
    for answer in documents.answers(deploy("GetDeploymentConfig")) {
        let fake = documents
            .replayed(&[(deploy("GetDeploymentConfig"), answer.clone())])
            .await;
        let name = text(&answer, "/deploymentConfigInfo/deploymentConfigName");
        let found = fake
            .ports()
            .code_deploy
            .find_config(&name)
            .await
            .unwrap()
            .unwrap();
        read.push((answer, format!("{found:?}")));
    }
    let unread = [
        "deploymentConfigInfo.createTime",
        "deploymentConfigInfo.deploymentConfigId",
        "deploymentConfigInfo.minimumHealthyHosts",
    ];
    all_read(&documents, deploy("GetDeploymentConfig"), &read, &unread);

    for answer in documents.answers(deploy("ListDeployments")) {
        let fake = documents
            .replayed(&[(deploy("ListDeployments"), answer.clone())])
            .await;
        let found = fake
            .ports()
            .code_deploy
            .running_deployments("a", "g")
            .await
            .unwrap();
        assert_eq!(found, texts(&answer["deployments"]));
    }
    for answer in documents.answers(deploy("CreateDeployment")) {
        let fake = documents
            .replayed(&[(deploy("CreateDeployment"), answer.clone())])
            .await;
        let new = NewCodeDeployDeployment {
            application: "a".to_owned(),
            group: "g".to_owned(),
            config: None,
            app_spec: "{}".to_owned(),
            description: String::new(),
            rollback_events: None,
            alarms: None,
        };
        let id = fake
            .ports()
            .code_deploy
            .create_deployment(&new)
            .await
            .unwrap();
        assert_eq!(id, text(&answer, "/deploymentId"));
    }
    // The one that is documented is no ECS target; it is no error either.
    for answer in documents.answers(deploy("GetDeploymentTarget")) {
        let fake = documents
            .replayed(&[(deploy("GetDeploymentTarget"), answer)])
            .await;
        let found = fake
            .ports()
            .code_deploy
            .find_target("d", "c", "s")
            .await
            .unwrap();
        assert_eq!(found, None);
    }
}

#[tokio::test]
async fn scaling_is_read() {
    let documents = Documents::installed().await;
    let scalable = |value: &Value| {
        let id = text(value, "/ResourceId");
        let mut parts = id.split('/').skip(1).map(str::to_owned);
        ServiceRef {
            cluster: parts.next().unwrap(),
            name: parts.next().unwrap(),
        }
    };
    let mut read = Vec::new();
    for answer in documents.answers(scaling("DescribeScalableTargets")) {
        let fake = documents
            .replayed(&[(scaling("DescribeScalableTargets"), answer.clone())])
            .await;
        let service = scalable(&answer["ScalableTargets"][0]);
        let found = fake
            .ports()
            .scaling
            .find_scalable_target(&service)
            .await
            .unwrap()
            .unwrap();
        read.push((answer, format!("{found:?}")));
    }
    let unread = [
        "ScalableTargets.CreationTime",
        "ScalableTargets.ResourceId",
        "ScalableTargets.RoleARN",
        "ScalableTargets.ScalableDimension",
        "ScalableTargets.ServiceNamespace",
    ];
    all_read(
        &documents,
        scaling("DescribeScalableTargets"),
        &read,
        &unread,
    );

    let mut read = Vec::new();
    for answer in documents.answers(scaling("DescribeScalingPolicies")) {
        let fake = documents
            .replayed(&[(scaling("DescribeScalingPolicies"), answer.clone())])
            .await;
        let service = scalable(&answer["ScalingPolicies"][0]);
        let found = fake.ports().scaling.policies(&service).await.unwrap();
        let adjustment = |policy: &ScalingPolicy| match &policy.policy {
            Policy::Step(step) => Some(step.adjustment.clone()),
            _ => None,
        };
        let adjustments: Vec<_> = found.iter().map(adjustment).collect();
        assert_eq!(adjustments, vec![Some(AdjustmentType::Percent); 2]);
        read.push((answer, format!("{found:?}")));
    }
    let unread = [
        "ScalingPolicies.Alarms.AlarmARN",
        "ScalingPolicies.CreationTime",
        "ScalingPolicies.ScalableDimension",
        "ScalingPolicies.StepScalingPolicyConfiguration.AdjustmentType",
    ];
    all_read(
        &documents,
        scaling("DescribeScalingPolicies"),
        &read,
        &unread,
    );

    let mut read = Vec::new();
    let of_services =
        |answer: &Value| text(answer, "/ScalingActivities/0/ResourceId").starts_with("service/");
    let answers = documents.answers(scaling("DescribeScalingActivities"));
    for answer in answers.into_iter().filter(of_services) {
        let fake = documents
            .replayed(&[(scaling("DescribeScalingActivities"), answer.clone())])
            .await;
        let service = scalable(&answer["ScalingActivities"][0]);
        let found = fake.ports().scaling.activities(&service).await.unwrap();
        read.push((answer, format!("{found:?}")));
    }
    let unread = [
        "ScalingActivities.ActivityId",
        "ScalingActivities.ResourceId",
        "ScalingActivities.ScalableDimension",
    ];
    all_read(
        &documents,
        scaling("DescribeScalingActivities"),
        &read,
        &unread,
    );

    for answer in documents.answers(scaling("ListTagsForResource")) {
        let fake = documents
            .replayed(&[(scaling("ListTagsForResource"), answer.clone())])
            .await;
        let tags = fake
            .ports()
            .scaling
            .target_tags("arn:target")
            .await
            .unwrap();
        assert_eq!(serde_json::to_value(tags).unwrap(), answer["Tags"]);
    }
}

#[tokio::test]
async fn alarms_and_metrics_are_read() {
    let documents = Documents::installed().await;
    let mut read = Vec::new();
    for answer in documents.answers(cloudwatch("DescribeAlarms")) {
        let fake = documents
            .replayed(&[(cloudwatch("DescribeAlarms"), answer.clone())])
            .await;
        let names = [text(&answer, "/MetricAlarms/0/AlarmName")];
        let alarms = fake.ports().alarms;
        let states = alarms.alarm_states(&names).await.unwrap();
        let definitions = alarms.alarm_definitions(&names).await.unwrap();
        assert_eq!(definitions[&names[0]].comparison, Comparison::Above);
        read.push((answer, format!("{states:?} {definitions:?}")));
    }
    let unread = [
        "MetricAlarms.AlarmArn",
        "MetricAlarms.AlarmConfigurationUpdatedTimestamp",
        "MetricAlarms.ComparisonOperator",
        "MetricAlarms.StateReason",
        "MetricAlarms.StateReasonData",
        "MetricAlarms.StateUpdatedTimestamp",
    ];
    all_read(&documents, cloudwatch("DescribeAlarms"), &read, &unread);

    let mut read = Vec::new();
    for answer in documents.answers(cloudwatch("GetMetricData")) {
        let fake = documents
            .replayed(&[(cloudwatch("GetMetricData"), answer.clone())])
            .await;
        let results = answer["MetricDataResults"].as_array().unwrap().iter();
        let queries: Vec<MetricQuery> = results
            .map(|result| MetricQuery {
                id: text(result, "/Id"),
                source: MetricSource::Expression("1".to_owned()),
                returned: true,
            })
            .collect();
        let from = Timestamp::UNIX_EPOCH;
        let found = fake
            .ports()
            .metrics
            .query(&queries, from, Timestamp::MAX)
            .await
            .unwrap();
        read.push((answer, format!("{found:?}")));
    }
    let unread = ["MetricDataResults.Label", "MetricDataResults.StatusCode"];
    all_read(&documents, cloudwatch("GetMetricData"), &read, &unread);
}
