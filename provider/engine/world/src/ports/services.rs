//! ECS.

use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;
use serde_json::{Value, json};
use switchyard_engine::ports::{
    NewService, Result, Service, ServiceChange, ServiceDeployment, ServiceRef, ServiceRevision,
    Services, StopType, StoppedTask, TaskDefinition,
};

use super::read::{list, texts, word};
use super::{Face, services_read, services_write};
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
            let tags: Vec<Value> = set
                .iter()
                .map(|(key, value)| json!({ "key": key, "value": value }))
                .collect();
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
            json!({ "taskDefinition": name }),
        )?;
        let found = answer
            .as_ref()
            .and_then(|answer| answer.get("taskDefinition"));
        Ok(found.map(services_read::task_definition))
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
}
