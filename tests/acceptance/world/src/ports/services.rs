//! ECS.

use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;
use serde_json::{Value, json};
use std::sync::Arc;
use switchyard_engine::ports::{
    CapacityProvider, ContinueAction, Error, ErrorKind, FreeCapacity, NewService, NewTaskSet,
    Ports, Result, Service, ServiceChange, ServiceDeployment, ServiceRef, ServiceRevision,
    Services, StopType, StoppedTask, TaskDefinition, TaskSet,
};

use super::read::{count, list, text, texts, word};
use super::{Face, definitions, services_read, services_write};
use crate::Service::Ecs;

impl Face {
    fn described_deployments(&self, arns: &[String]) -> Result<Vec<ServiceDeployment>> {
        if arns.is_empty() {
            return Ok(Vec::new());
        }
        let target = arns.first().map_or("", String::as_str);
        let input = json!({ "serviceDeploymentArns": arns });
        let answer = self.call(Ecs, "ecs:DescribeServiceDeployments", target, input)?;
        Ok(list(&answer, "serviceDeployments")
            .iter()
            .map(services_read::deployment)
            .collect())
    }
}

fn updated(answer: &Value) -> Service {
    services_read::service(answer.get("service").unwrap_or(&Value::Null))
}

#[async_trait]
impl Services for Face {
    async fn find_service(&self, service: &ServiceRef) -> Result<Option<Service>> {
        let input =
            json!({ "cluster": service.cluster, "services": [service.name], "include": ["TAGS"] });
        let answer = self.call(Ecs, "ecs:DescribeServices", &service.name, input)?;
        Ok(list(&answer, "services")
            .first()
            .map(services_read::service))
    }

    async fn list_clusters(&self) -> Result<Vec<String>> {
        let mut found = Vec::new();
        let mut input = json!({ "maxResults": 100 });
        loop {
            let answer = self.call(Ecs, "ecs:ListClusters", "clusters", input.clone())?;
            found.extend(texts(&answer, "clusterArns"));
            match text(&answer, "nextToken") {
                Some(next) => input["nextToken"] = json!(next),
                None => return Ok(found),
            }
        }
    }

    async fn list_services(&self, cluster: &str) -> Result<Vec<Service>> {
        let mut found = Vec::new();
        let mut input = json!({ "cluster": cluster, "maxResults": 100 });
        loop {
            let answer = self.call(Ecs, "ecs:ListServices", cluster, input.clone())?;
            for arn in texts(&answer, "serviceArns") {
                let service = ServiceRef {
                    cluster: cluster.to_owned(),
                    name: arn,
                };
                found.extend(self.find_service(&service).await?);
            }
            match text(&answer, "nextToken") {
                Some(next) => input["nextToken"] = json!(next),
                None => return Ok(found),
            }
        }
    }

    async fn create_service(&self, new: &NewService) -> Result<Service> {
        let input = services_write::creation(new);
        self.call(Ecs, "ecs:CreateService", &new.service.name, input)
            .map(|answer| updated(&answer))
    }

    async fn update_service(
        &self,
        service: &ServiceRef,
        change: &ServiceChange,
    ) -> Result<Service> {
        let input = services_write::change(service, change);
        self.call(Ecs, "ecs:UpdateService", &service.name, input)
            .map(|answer| updated(&answer))
    }

    async fn delete_service(&self, service: &ServiceRef) -> Result<()> {
        let input = json!({ "cluster": service.cluster, "service": service.name, "force": true });
        self.find(Ecs, "ecs:DeleteService", &service.name, input)
            .map(|_| ())
    }

    async fn change_tags(
        &self,
        arn: &str,
        set: &BTreeMap<String, String>,
        remove: &BTreeSet<String>,
    ) -> Result<()> {
        if !set.is_empty() {
            let tags = services_write::tags(set);
            self.call(
                Ecs,
                "ecs:TagResource",
                arn,
                json!({ "resourceArn": arn, "tags": tags }),
            )?;
        }
        if !remove.is_empty() {
            self.call(
                Ecs,
                "ecs:UntagResource",
                arn,
                json!({ "resourceArn": arn, "tagKeys": remove }),
            )?;
        }
        Ok(())
    }

    async fn find_task_definition(&self, name: &str) -> Result<Option<TaskDefinition>> {
        let answer = self.find(
            Ecs,
            "ecs:DescribeTaskDefinition",
            name,
            json!({ "taskDefinition": name, "include": ["TAGS"] }),
        )?;
        Ok(answer.as_ref().and_then(definitions::described))
    }

    async fn find_deployment(&self, arn: &str) -> Result<Option<ServiceDeployment>> {
        Ok(self
            .described_deployments(&[arn.to_owned()])?
            .into_iter()
            .next())
    }

    async fn list_deployments(
        &self,
        service: &ServiceRef,
        limit: u32,
    ) -> Result<Vec<ServiceDeployment>> {
        let input =
            json!({ "cluster": service.cluster, "service": service.name, "maxResults": limit });
        let Some(answer) = self.find(Ecs, "ecs:ListServiceDeployments", &service.name, input)?
        else {
            return Ok(Vec::new());
        };
        let arns: Vec<String> = list(&answer, "serviceDeployments")
            .iter()
            .map(|found| word(found, "serviceDeploymentArn"))
            .collect();
        let mut found = self.described_deployments(&arns)?;
        found.sort_by_key(|deployment| std::cmp::Reverse(deployment.created_at));
        Ok(found)
    }

    async fn find_revisions(&self, arns: &[String]) -> Result<Vec<ServiceRevision>> {
        if arns.is_empty() {
            return Ok(Vec::new());
        }
        let target = arns.first().map_or("", String::as_str);
        let input = json!({ "serviceRevisionArns": arns });
        let answer = self.call(Ecs, "ecs:DescribeServiceRevisions", target, input)?;
        Ok(list(&answer, "serviceRevisions")
            .iter()
            .map(services_read::revision)
            .collect())
    }

    async fn stop_deployment(&self, arn: &str, stop: StopType) -> Result<()> {
        let word = match stop {
            StopType::Abort => "ABORT",
            StopType::Rollback => "ROLLBACK",
        };
        let input = json!({ "serviceDeploymentArn": arn, "stopType": word });
        self.call(Ecs, "ecs:StopServiceDeployment", arn, input)
            .map(|_| ())
    }

    async fn stopped_tasks(&self, service: &ServiceRef) -> Result<Vec<StoppedTask>> {
        let input = json!({ "cluster": service.cluster, "serviceName": service.name, "desiredStatus": "STOPPED" });
        let Some(listed) = self.find(Ecs, "ecs:ListTasks", &service.name, input)? else {
            return Ok(Vec::new());
        };
        let arns = texts(&listed, "taskArns");
        if arns.is_empty() {
            return Ok(Vec::new());
        }
        let input = json!({ "cluster": service.cluster, "tasks": arns });
        let answer = self.call(Ecs, "ecs:DescribeTasks", &service.name, input)?;
        let mut tasks: Vec<StoppedTask> = list(&answer, "tasks")
            .iter()
            .map(services_read::stopped_task)
            .collect();
        tasks.sort_by_key(|task| std::cmp::Reverse(task.stopped_at));
        Ok(tasks)
    }

    async fn continue_deployment(
        &self,
        arn: &str,
        hook: &str,
        action: ContinueAction,
    ) -> Result<()> {
        let word = match action {
            ContinueAction::Continue => "CONTINUE",
            ContinueAction::Rollback => "ROLLBACK",
        };
        let input = json!({ "serviceDeploymentArn": arn, "hookId": hook, "action": word });
        self.call(Ecs, "ecs:ContinueServiceDeployment", arn, input)
            .map(|_| ())
    }

    async fn create_task_set(&self, new: &NewTaskSet) -> Result<TaskSet> {
        let input = services_write::task_set(new);
        let answer = self.call(Ecs, "ecs:CreateTaskSet", &new.service.name, input)?;
        Ok(services_read::task_set(
            answer.get("taskSet").unwrap_or(&Value::Null),
        ))
    }

    async fn promote_task_set(&self, service: &ServiceRef, id: &str) -> Result<()> {
        let input =
            json!({ "cluster": service.cluster, "service": service.name, "primaryTaskSet": id });
        self.call(Ecs, "ecs:UpdateServicePrimaryTaskSet", id, input)
            .map(|_| ())
    }

    async fn delete_task_set(&self, service: &ServiceRef, id: &str, force: bool) -> Result<()> {
        let input = json!({
            "cluster": service.cluster,
            "service": service.name,
            "taskSet": id,
            "force": force,
        });
        self.find(Ecs, "ecs:DeleteTaskSet", id, input).map(|_| ())
    }

    async fn register_task_definition(
        &self,
        document: &Value,
        tags: &BTreeMap<String, String>,
    ) -> Result<TaskDefinition> {
        let family = text(document, "family").unwrap_or_default();
        let mut input = document.clone();
        // AWS refuses an empty list of tags.
        if let (false, Some(members)) = (tags.is_empty(), input.as_object_mut()) {
            members.insert("tags".to_owned(), json!(services_write::tags(tags)));
        }
        let operation = "ecs:RegisterTaskDefinition";
        let answer = self.call(Ecs, operation, &family, input)?;
        definitions::described(&answer).ok_or_else(|| Error {
            operation,
            target: family,
            kind: ErrorKind::Unexpected,
            code: String::new(),
            message: "the answer shows no task definition".to_owned(),
            request_id: None,
        })
    }

    async fn list_task_definitions(&self, family: &str) -> Result<Vec<String>> {
        let mut arns = Vec::new();
        let mut token: Option<String> = None;
        loop {
            let mut input = json!({ "familyPrefix": family, "status": "ACTIVE", "sort": "DESC" });
            if let (Some(token), Some(members)) = (&token, input.as_object_mut()) {
                members.insert("nextToken".to_owned(), json!(token));
            }
            let answer = self.call(Ecs, "ecs:ListTaskDefinitions", family, input)?;
            arns.extend(texts(&answer, "taskDefinitionArns"));
            token = text(&answer, "nextToken");
            if token.is_none() {
                return Ok(arns);
            }
        }
    }

    async fn deregister_task_definition(&self, arn: &str) -> Result<()> {
        let input = json!({ "taskDefinition": arn });
        self.find(Ecs, "ecs:DeregisterTaskDefinition", arn, input)
            .map(|_| ())
    }

    async fn free_capacity(&self, cluster: &str) -> Result<Vec<FreeCapacity>> {
        let input = json!({ "cluster": cluster, "status": "ACTIVE" });
        let listed = self.call(Ecs, "ecs:ListContainerInstances", cluster, input)?;
        let arns = texts(&listed, "containerInstanceArns");
        if arns.is_empty() {
            return Ok(Vec::new());
        }
        let input = json!({ "cluster": cluster, "containerInstances": arns });
        let answer = self.call(Ecs, "ecs:DescribeContainerInstances", cluster, input)?;
        let free = |instance: &Value| {
            let left = |name: &str| {
                list(instance, "remainingResources")
                    .iter()
                    .find(|resource| word(resource, "name") == name)
                    .map_or(0, |resource| count(resource, "integerValue"))
            };
            FreeCapacity {
                cpu: left("CPU"),
                memory: left("MEMORY"),
            }
        };
        Ok(list(&answer, "containerInstances")
            .iter()
            .map(free)
            .collect())
    }

    async fn cluster_is_active(&self, cluster: &str) -> Result<bool> {
        let answer = self.call(
            Ecs,
            "ecs:DescribeClusters",
            cluster,
            json!({ "clusters": [cluster] }),
        )?;
        Ok(list(&answer, "clusters")
            .iter()
            .any(|found| word(found, "status") == "ACTIVE"))
    }

    async fn region(&self) -> Option<String> {
        Some(self.region.clone())
    }

    fn elsewhere(&self, home: &Ports, region: &str) -> Option<Ports> {
        Some(Ports {
            snapshots: Arc::clone(&home.snapshots),
            progress: Arc::clone(&home.progress),
            probes: Arc::clone(&home.probes),
            clock: Arc::clone(&home.clock),
            ..Self::new(self.world.clone(), region).ports()
        })
    }

    async fn default_strategy(&self, cluster: &str) -> Result<Vec<CapacityProvider>> {
        let answer = self.call(
            Ecs,
            "ecs:DescribeClusters",
            cluster,
            json!({ "clusters": [cluster] }),
        )?;
        let clusters = list(&answer, "clusters");
        let found = clusters.first();
        Ok(found
            .map(|found| services_read::strategy_items(found, "defaultCapacityProviderStrategy"))
            .unwrap_or_default())
    }
}
