//! A recorded run as a test: every answer that a read was given is understood by the port that asks for it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;

use jiff::Timestamp;
use serde_json::Value;
use switchyard_engine::ports::{MetricQuery, MetricSource, Ports, Result, ServiceRef};

use crate::documented::{Documents, asked, cloudwatch};
use crate::fake::{Fake, Reply, Seen, json, json_error};

/// Names another recording than the one that is kept here.
const RECORDING: &str = "SWITCHYARD_RECORDING";

/// One recorded call.
#[derive(Clone, Debug)]
struct Exchange {
    operation: String,
    status: u16,
    input: Value,
    answer: Value,
    text: Option<String>,
}

impl Exchange {
    fn read(line: &str) -> Self {
        let read: Value = serde_json::from_str(line).unwrap();
        let status = read["status"]
            .as_u64()
            .and_then(|it| u16::try_from(it).ok());
        Self {
            operation: read["operation"].as_str().unwrap().to_owned(),
            status: status.unwrap(),
            input: read["input"].clone(),
            answer: read["answer"].clone(),
            text: read["text"].as_str().map(str::to_owned),
        }
    }

    fn reply(&self, documents: &Documents, seen: &Seen) -> Reply {
        match &self.text {
            Some(text) => Reply::Http(self.status, "text/xml", text.clone().into_bytes()),
            // Only what it said is recorded of CBOR; it is spelled again as the model says.
            None if seen.path.contains("/operation/") => {
                let operation = cloudwatch(self.operation());
                documents.wire(operation, &self.answer).reply(seen)
            }
            None => json(self.answer.clone()),
        }
    }

    /// The operation of CloudWatch that this is.
    fn operation(&self) -> &'static str {
        let known = ["DescribeAlarms", "GetMetricData"];
        let mut known = known.into_iter();
        known.find(|known| *known == self.operation).unwrap()
    }

    /// The queries of GetMetricData.
    fn queries(&self) -> Vec<MetricQuery> {
        let queries = self.input["MetricDataQueries"].as_array().unwrap().iter();
        queries
            .map(|query| MetricQuery {
                id: query["Id"].as_str().unwrap().to_owned(),
                source: MetricSource::Expression("1".to_owned()),
                returned: query["ReturnData"] != false,
            })
            .collect()
    }

    /// The service of a resource id of Application Auto Scaling.
    fn scaled(&self, member: &str) -> ServiceRef {
        let id = self.asked(member);
        let mut parts = id.split('/').skip(1).map(str::to_owned);
        ServiceRef {
            cluster: parts.next().unwrap_or_default(),
            name: parts.next().unwrap_or_default(),
        }
    }

    /// A member of the request, or the first of a list in it; of a form, its field.
    fn asked(&self, member: &str) -> String {
        let found = match &self.input[member] {
            Value::Null => &self.input[format!("{member}.member.1")],
            Value::Array(all) => all.first().unwrap_or(&Value::Null),
            found => found,
        };
        found.as_str().unwrap_or_default().to_owned()
    }

    fn service(&self, name: &str) -> ServiceRef {
        ServiceRef {
            cluster: self.asked("cluster"),
            name: self.asked(name),
        }
    }
}

fn recording() -> Vec<Exchange> {
    #[expect(clippy::disallowed_methods, reason = "how another recording is played")]
    let chosen = std::env::var(RECORDING).ok().map(PathBuf::from);
    let kept = || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/recordings/lab.jsonl");
    let text = std::fs::read_to_string(chosen.unwrap_or_else(kept)).unwrap();
    text.lines().map(Exchange::read).collect()
}

/// Reads that no port asks by themselves, or whose answer is a part of another question's.
const WITH_OTHERS: [&str; 5] = [
    // Of the account, before anything.
    "GetCallerIdentity",
    // Its answer is read with that of ListTasks.
    "DescribeTasks",
    // Nothing was there to be listed.
    "ListServices",
    // The default rule of a listener.
    "DescribeRules",
    // The story alone asks for it: task sets are read with their service.
    "DescribeTaskSets",
];

/// Asks through a port what was asked then; `None` when no port asks it.
async fn asked_again(ports: &Ports, exchange: &Exchange) -> Option<Result<()>> {
    let (services, routing) = (&ports.services, &ports.routing);
    let code_deploy = &ports.code_deploy;
    Some(match exchange.operation.as_str() {
        "DescribeClusters" => {
            let cluster = exchange.asked("clusters");
            services.cluster_is_active(&cluster).await.map(drop)
        }
        "DescribeServices" => {
            let service = exchange.service("services");
            services.find_service(&service).await.map(drop)
        }
        "DescribeServiceDeployments" => {
            let arn = exchange.asked("serviceDeploymentArns");
            services.find_deployment(&arn).await.map(drop)
        }
        "DescribeServiceRevisions" => {
            let arn = exchange.asked("serviceRevisionArns");
            services.find_revisions(&[arn]).await.map(drop)
        }
        "DescribeTaskDefinition" => {
            let name = exchange.asked("taskDefinition");
            services.find_task_definition(&name).await.map(drop)
        }
        "ListServiceDeployments" => {
            let service = exchange.service("service");
            services.list_deployments(&service, 1).await.map(drop)
        }
        "DescribeTargetGroups" => {
            let arn = exchange.asked("TargetGroupArns");
            routing.find_target_groups(&[arn]).await.map(drop)
        }
        "DescribeTargetHealth" => {
            let arn = exchange.asked("TargetGroupArn");
            routing.target_health(&arn).await.map(drop)
        }
        "DescribeTargetGroupAttributes" => {
            let arn = exchange.asked("TargetGroupArn");
            routing.deregistration_delay(&arn).await.map(drop)
        }
        "DescribeRules" if !exchange.asked("RuleArns").is_empty() => {
            let arn = exchange.asked("RuleArns");
            routing.find_rule(&arn).await.map(drop)
        }
        "GetDeployment" => {
            let id = exchange.asked("deploymentId");
            code_deploy.find_deployment(&id).await.map(drop)
        }
        "GetDeploymentGroup" => {
            let (application, group) = (
                exchange.asked("applicationName"),
                exchange.asked("deploymentGroupName"),
            );
            code_deploy.find_group(&application, &group).await.map(drop)
        }
        "GetDeploymentConfig" => {
            let name = exchange.asked("deploymentConfigName");
            code_deploy.find_config(&name).await.map(drop)
        }
        "DescribeListeners" => {
            let arn = exchange.asked("ListenerArns");
            routing.find_listener(&arn).await.map(drop)
        }
        "ListTasks" => {
            let service = exchange.service("serviceName");
            services.stopped_tasks(&service).await.map(drop)
        }
        "ListDeployments" => {
            let (application, group) = (
                exchange.asked("applicationName"),
                exchange.asked("deploymentGroupName"),
            );
            code_deploy
                .running_deployments(&application, &group)
                .await
                .map(drop)
        }
        "GetDeploymentTarget" => {
            let (id, target) = (exchange.asked("deploymentId"), exchange.asked("targetId"));
            let (cluster, service) = target.split_once(':').unwrap();
            code_deploy
                .find_target(&id, cluster, service)
                .await
                .map(|it| drop(it.unwrap()))
        }
        "DescribeScalableTargets" => {
            let service = exchange.scaled("ResourceIds");
            let found = ports.scaling.find_scalable_target(&service).await;
            let is_there = !exchange.answer["ScalableTargets"][0].is_null();
            found.map(|it| assert_eq!(it.is_some(), is_there))
        }
        "DescribeScalingPolicies" => {
            let service = exchange.scaled("ResourceId");
            let found = ports.scaling.policies(&service).await;
            let all = exchange.answer["ScalingPolicies"].as_array().map(Vec::len);
            found.map(|it| assert_eq!(Some(it.len()), all))
        }
        "DescribeScheduledActions" => {
            let service = exchange.scaled("ResourceId");
            ports.scaling.scheduled_actions(&service).await.map(drop)
        }
        "DescribeScalingActivities" => {
            let service = exchange.scaled("ResourceId");
            ports.scaling.activities(&service).await.map(drop)
        }
        "ListTagsForResource" => {
            let arn = exchange.asked("ResourceARN");
            ports.scaling.target_tags(&arn).await.map(drop)
        }
        "GetServiceQuota" | "GetAWSDefaultServiceQuota" => {
            ports.prerequisites.fargate_vcpus().await.map(drop)
        }
        "GetMetricData" => {
            let (queries, from) = (exchange.queries(), Timestamp::UNIX_EPOCH);
            let found = ports.metrics.query(&queries, from, Timestamp::MAX).await;
            found.map(drop)
        }
        _ => return None,
    })
}

/// The description of the first deployment that an answer lists.
fn described<'a>(recording: &'a [Exchange], listed: &Exchange) -> Option<&'a Exchange> {
    let arn = &listed.answer["serviceDeployments"][0]["serviceDeploymentArn"];
    recording.iter().find(|exchange| {
        exchange.operation == "DescribeServiceDeployments"
            && exchange.answer["serviceDeployments"][0]["serviceDeploymentArn"] == *arn
    })
}

#[tokio::test]
async fn every_recorded_answer_is_understood() {
    let recording = recording();
    let documents = Arc::new(Documents::installed().await);
    let mut played = BTreeSet::new();
    // What a question of several calls asks next may have been answered later only.
    let mut last: BTreeMap<String, Exchange> = BTreeMap::new();
    for exchange in recording.iter().filter(|exchange| exchange.status < 400) {
        let first = last.entry(exchange.operation.clone());
        first.or_insert_with(|| exchange.clone());
    }
    for exchange in &recording {
        last.insert(exchange.operation.clone(), exchange.clone());
        if exchange.status >= 400 {
            continue;
        }
        // A port may ask more than one question: the others get what was answered to them last, and what is listed is
        // described as it was some time.
        let mut known = last.clone();
        if exchange.operation == "ListServiceDeployments" {
            let Some(described) = described(&recording, exchange) else {
                continue;
            };
            known.insert(described.operation.clone(), described.clone());
        }
        let documents = Arc::clone(&documents);
        let fake = Fake::start(move |seen| match known.get(&asked(seen)) {
            Some(exchange) => exchange.reply(&documents, seen),
            None => json_error(400, "ServiceDeploymentNotFoundException", "not recorded"),
        })
        .await;
        if let Some(answer) = asked_again(&fake.ports(), exchange).await {
            let shown = serde_json::to_string(&exchange.answer).unwrap();
            answer.unwrap_or_else(|error| panic!("{}: {error}: {shown}", exchange.operation));
            played.insert(exchange.operation.clone());
        }
    }
    let is_read = |it: &&String| {
        ["Describe", "Get", "List"]
            .iter()
            .any(|verb| it.starts_with(verb))
    };
    let answered = recording.iter().filter(|exchange| exchange.status < 400);
    let unplayed: BTreeSet<&String> = answered
        .map(|exchange| &exchange.operation)
        .filter(is_read)
        .filter(|operation| !played.contains(*operation))
        .filter(|operation| !WITH_OTHERS.contains(&operation.as_str()))
        .collect();
    assert!(unplayed.is_empty(), "no port was asked for {unplayed:?}");
}
