//! The account, reached as the AWS command line reaches it: region, credentials and endpoint from the environment.

use std::collections::BTreeMap;
use std::sync::Arc;

use switchyard_aws::{Aws, AwsConfig, Environment, Problem};
use switchyard_engine::ports::{Clock, Error, ErrorKind, LiveObject, ObjectFamily};

/// Objects of each family, or why they are not known, as a sentence without its full stop.
pub type Listed = Vec<(ObjectFamily, Result<Vec<LiveObject>, String>)>;

/// Lists what exists in the account.
pub trait ListAccount {
    /// Everything in the account and region, family by family.
    fn list(&self) -> Listed;
    /// Tags of objects of a family, by ARN.
    ///
    /// # Errors
    ///
    /// Why they are not known, as a sentence without its full stop.
    fn tags(
        &self,
        family: ObjectFamily,
        arns: &[String],
    ) -> Result<BTreeMap<String, BTreeMap<String, String>>, String>;
}

/// Names a family in a sentence.
pub(crate) fn describe(family: ObjectFamily) -> &'static str {
    match family {
        ObjectFamily::Ecs => "clusters, services and task sets",
        ObjectFamily::LoadBalancing => "load balancers, listeners, rules and target groups",
        ObjectFamily::Scaling => "scalable targets and scaling policies",
        ObjectFamily::CodeDeploy => "CodeDeploy applications and groups",
        ObjectFamily::Alarms => "alarms",
        ObjectFamily::Logs => "log groups",
    }
}

/// AWS.
pub struct AwsAccount {
    environment: Environment,
    clock: Arc<dyn Clock>,
}

impl AwsAccount {
    /// Remembers where to look; nothing is opened before the first question.
    pub fn new(environment: Environment, clock: Arc<dyn Clock>) -> Self {
        Self { environment, clock }
    }

    fn ask<T>(&self, question: impl AsyncFnOnce(Aws) -> T) -> Result<T, String> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| format!("the network runtime could not be started ({error})"))?;
        runtime.block_on(async {
            let aws = Aws::connect(AwsConfig::new(self.environment.clone()));
            aws.prepare().await.map_err(|problem| words(&problem))?;
            Ok(question(aws).await)
        })
    }
}

impl std::fmt::Debug for AwsAccount {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AwsAccount").finish_non_exhaustive()
    }
}

/// There is no provider block here.
fn words(problem: &Problem) -> String {
    match problem {
        Problem::MissingRegion { .. } => {
            "no AWS region is set; set AWS_REGION, or `region` in the profile".to_owned()
        }
        other => other.to_string().trim_end_matches('.').to_owned(),
    }
}

fn reason(error: &Error) -> String {
    match error.kind {
        ErrorKind::Denied => format!("the credentials lack {}", error.operation),
        _ => error.to_string().trim_end_matches('.').to_owned(),
    }
}

impl ListAccount for AwsAccount {
    fn list(&self) -> Listed {
        let listed = self.ask(async |aws| {
            let inventory = aws.inventory(Arc::clone(&self.clock));
            let mut tasks = tokio::task::JoinSet::new();
            for family in ObjectFamily::ALL {
                let inventory = Arc::clone(&inventory);
                tasks.spawn(async move { (family, inventory.objects(family).await) });
            }
            let mut listed = Listed::new();
            while let Some(ended) = tasks.join_next().await {
                if let Ok((family, found)) = ended {
                    listed.push((family, found.map_err(|error| reason(&error))));
                }
            }
            listed.sort_by_key(|(family, _)| *family);
            listed
        });
        listed.unwrap_or_else(|reason| {
            let all = ObjectFamily::ALL.into_iter();
            all.map(|family| (family, Err(reason.clone()))).collect()
        })
    }

    fn tags(
        &self,
        family: ObjectFamily,
        arns: &[String],
    ) -> Result<BTreeMap<String, BTreeMap<String, String>>, String> {
        let found = self.ask(async |aws| {
            let inventory = aws.inventory(Arc::clone(&self.clock));
            inventory.tags(family, arns).await
        });
        found?.map_err(|error| reason(&error))
    }
}
