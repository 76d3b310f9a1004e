//! What exists in the account and region.

mod code_deploy;
mod ecs;
mod routing;
mod scaling;
mod watched;

use std::collections::BTreeMap;

use switchyard_engine::ports::{Inventory, LiveObject, ObjectFamily, Result};

use crate::call::Caller;

type Tags = BTreeMap<String, String>;

/// [`Inventory`] over the services' own lists.
#[derive(Clone, Debug)]
pub(crate) struct AwsInventory(Caller);

impl AwsInventory {
    pub(crate) fn new(caller: &Caller) -> Self {
        Self(caller.clone())
    }
}

/// The token of the next page, if there is one.
fn more(token: Option<String>) -> Option<String> {
    token.filter(|token| !token.is_empty())
}

/// Tags whose keys may be missing in the SDK's types.
fn tags_of<'t>(tags: impl Iterator<Item = (Option<&'t str>, Option<&'t str>)>) -> Tags {
    tags.filter_map(|(key, value)| Some((key?.to_owned(), value.unwrap_or_default().to_owned())))
        .collect()
}

/// The services of ECS that Application Auto Scaling calls `service/CLUSTER/NAME`: `CLUSTER/NAME`, and the cluster.
fn scaled_service(resource_id: &str) -> (String, Option<String>) {
    let name = resource_id.strip_prefix("service/").unwrap_or(resource_id);
    let cluster = name.split_once('/').map(|(cluster, _)| cluster.to_owned());
    (name.to_owned(), cluster)
}

#[async_trait::async_trait]
impl Inventory for AwsInventory {
    async fn objects(&self, family: ObjectFamily) -> Result<Vec<LiveObject>> {
        match family {
            ObjectFamily::Ecs => ecs::objects(&self.0).await,
            ObjectFamily::LoadBalancing => routing::objects(&self.0).await,
            ObjectFamily::Scaling => scaling::objects(&self.0).await,
            ObjectFamily::CodeDeploy => code_deploy::objects(&self.0).await,
            ObjectFamily::Alarms => watched::alarms(&self.0).await,
            ObjectFamily::Logs => watched::log_groups(&self.0).await,
        }
    }

    async fn tags(&self, family: ObjectFamily, arns: &[String]) -> Result<BTreeMap<String, Tags>> {
        if let ObjectFamily::Ecs = family {
            return ecs::tags(&self.0, arns).await;
        }
        if let ObjectFamily::LoadBalancing = family {
            return routing::tags(&self.0, arns).await;
        }
        // The others tell the tags of one object a call.
        let mut all = BTreeMap::new();
        for arn in arns {
            let tags = match family {
                ObjectFamily::Scaling => scaling::tags(&self.0, arn).await,
                ObjectFamily::CodeDeploy => code_deploy::tags(&self.0, arn).await,
                ObjectFamily::Alarms => watched::alarm_tags(&self.0, arn).await,
                ObjectFamily::Logs | ObjectFamily::Ecs | ObjectFamily::LoadBalancing => {
                    watched::log_group_tags(&self.0, arn).await
                }
            };
            if let Some(tags) = super::absent_is_none(tags)? {
                all.insert(arn.clone(), tags);
            }
        }
        Ok(all)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scaled_service_is_named_with_its_cluster() {
        assert_eq!(
            scaled_service("service/main/web"),
            ("main/web".to_owned(), Some("main".to_owned()))
        );
        assert_eq!(scaled_service("other"), ("other".to_owned(), None));
    }
}
