//! Application Auto Scaling.

use std::collections::HashMap;

use aws_sdk_applicationautoscaling::types::{ScalableDimension, ServiceNamespace};
use switchyard_engine::ports::{Result, ScalableTarget, Scaling, ServiceRef, SuspendedState};

use crate::batch::{Batcher, Fetch};
use crate::call::{Call, Caller};
use crate::convert;

const DESCRIBE: &str = "application-autoscaling:DescribeScalableTargets";
const REGISTER: &str = "application-autoscaling:RegisterScalableTarget";

/// [`Scaling`] over Application Auto Scaling.
#[derive(Debug)]
pub(crate) struct AutoScaling {
    caller: Caller,
    targets: Batcher<Targets>,
}

impl AutoScaling {
    pub(crate) fn new(caller: &Caller) -> Self {
        let (clock, writes) = (caller.clock.clone(), caller.writes.clone());
        Self {
            caller: caller.clone(),
            targets: Batcher::new(Targets(caller.clone()), clock, writes),
        }
    }
}

struct Targets(Caller);

#[async_trait::async_trait]
impl Fetch for Targets {
    type Lane = ();
    type Key = String;
    type Value = ScalableTarget;
    /// One page of DescribeScalableTargets.
    const LIMIT: usize = 50;

    async fn fetch(&self, (): &(), keys: &[String]) -> Result<HashMap<String, ScalableTarget>> {
        let target = keys.join(", ");
        let call = Call {
            operation: DESCRIBE,
            target: &target,
            class: None,
        };
        let client = self.0.connection.autoscaling(DESCRIBE, &target).await?;
        let mut found = HashMap::new();
        let mut next = None;
        loop {
            let request = client
                .describe_scalable_targets()
                .service_namespace(ServiceNamespace::Ecs)
                .scalable_dimension(ScalableDimension::EcsServiceDesiredCount)
                .set_resource_ids(Some(keys.to_vec()))
                .set_next_token(next);
            let answer = self.0.read(call, request.send()).await?;
            let targets = answer.scalable_targets();
            found.extend(targets.iter().map(|target| {
                (
                    target.resource_id().to_owned(),
                    convert::scaling::scalable_target(target),
                )
            }));
            next = answer.next_token;
            if next.is_none() {
                return Ok(found);
            }
        }
    }
}

#[async_trait::async_trait]
impl Scaling for AutoScaling {
    async fn find_scalable_target(&self, service: &ServiceRef) -> Result<Option<ScalableTarget>> {
        let id = convert::scaling::resource_id(service);
        self.targets.read(&(), &id, &id).await
    }

    async fn set_suspended(&self, service: &ServiceRef, state: SuspendedState) -> Result<()> {
        let id = convert::scaling::resource_id(service);
        let call = Call {
            operation: REGISTER,
            target: &id,
            class: None,
        };
        let client = self.caller.connection.autoscaling(REGISTER, &id).await?;
        let request = client
            .register_scalable_target()
            .service_namespace(ServiceNamespace::Ecs)
            .scalable_dimension(ScalableDimension::EcsServiceDesiredCount)
            .resource_id(&id)
            .suspended_state(convert::scaling::to_suspended(state));
        self.caller.write(call, request.send()).await?;
        Ok(())
    }
}
