//! Service revisions: what a service was at one rollout, for ever.

use serde_json::{Map, Value, json};

use super::service::Service;
use super::settings::Settings;
use crate::image::digest_of;
use crate::state::State as World;
use crate::time::Timestamp;

/// A service revision.
#[derive(Clone, Debug)]
pub(super) struct Revision {
    pub(super) arn: String,
    created: Timestamp,
    /// Task definition, network, load balancers…
    pub(super) members: Map<String, Value>,
    /// The groups its tasks join, each with the production rule that leads there.
    pub(super) resolved: Vec<(String, Option<String>)>,
    /// Name, image and digest of its containers.
    images: Vec<(String, String, String)>,
}

impl Revision {
    /// Takes down the settings as a new revision.
    pub(super) fn new(
        state: &mut World,
        service: &Service,
        settings: &Settings,
        resolved: Vec<(String, Option<String>)>,
    ) -> Self {
        let number = state.ids.digits(19);
        let images = settings
            .text("taskDefinition")
            .and_then(|arn| state.ecs.definitions.find(arn))
            .map(|definition| {
                definition
                    .containers
                    .iter()
                    .map(|container| {
                        (
                            container.name.clone(),
                            container.image.clone(),
                            digest_of(&container.image),
                        )
                    })
                    .collect()
            })
            .unwrap_or_default();
        Self {
            arn: state.arn(
                "ecs",
                &format!(
                    "service-revision/{}/{}/{number}",
                    service.cluster_name(),
                    service.name
                ),
            ),
            created: state.now,
            members: settings.revision_members(),
            resolved,
            images,
        }
    }

    pub(super) fn render(&self, service: &Service) -> Value {
        let images: Vec<Value> = self
            .images
            .iter()
            .map(|(name, image, digest)| json!({ "containerName": name, "image": image, "imageDigest": digest }))
            .collect();
        let resolved: Vec<Value> = self
            .resolved
            .iter()
            .map(|(group, rule)| match rule {
                Some(rule) => json!({ "targetGroupArn": group, "productionListenerRule": rule }),
                None => json!({ "targetGroupArn": group }),
            })
            .collect();
        let mut members = self.members.clone();
        let fixed = json!({
            "serviceRevisionArn": self.arn,
            "serviceArn": service.arn,
            "clusterArn": service.cluster_arn,
            "containerImages": images,
            "guardDutyEnabled": false,
            "createdAt": self.created,
            "resolvedConfiguration": { "loadBalancers": resolved },
        });
        if let Value::Object(fixed) = fixed {
            members.extend(fixed);
        }
        Value::Object(members)
    }
}
