//! What a call needs: actions on resources. Which action has which kind of resource rests on AWS's Service Authorization
//! Reference; a test compares the two.

use http::request::Parts;
use serde_json::Value;

use crate::front::Front;
use crate::lambda;
use crate::outside::invoked_function;
use crate::route::{Destination, Route};
use crate::service::Owned;

use super::{ecs, scaling, storage};

/// One thing that has to be allowed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Need {
    /// `service:Action`.
    pub(super) action: String,
    /// The ARN, or `*` for an action that has no resources.
    pub(super) resource: String,
    /// Condition keys that the request has.
    pub(super) context: Vec<(&'static str, String)>,
    /// It is about what is scaled, and asked for by Application Auto Scaling.
    pub(super) is_of_target: bool,
}

impl Need {
    pub(super) fn new(action: impl Into<String>, resource: impl Into<String>) -> Self {
        Self {
            action: action.into(),
            resource: resource.into(),
            context: Vec::new(),
            is_of_target: false,
        }
    }

    pub(super) fn with(mut self, key: &'static str, value: impl Into<String>) -> Self {
        self.context.push((key, value.into()));
        self
    }
}

/// A call as the services' rules see it.
pub(super) struct Called<'a> {
    pub(super) front: &'a Front,
    pub(super) region: &'a str,
    pub(super) operation: &'a str,
    pub(super) input: &'a Value,
}

impl Called<'_> {
    /// `arn:aws:SERVICE:REGION:ACCOUNT:REST`.
    pub(super) fn arn(&self, service: &str, rest: &str) -> String {
        let account = &self.front.account;
        format!("arn:aws:{service}:{}:{account}:{rest}", self.region)
    }

    pub(super) fn text(&self, member: &str) -> &str {
        self.input
            .get(member)
            .and_then(Value::as_str)
            .unwrap_or_default()
    }

    pub(super) fn texts(&self, member: &str) -> Vec<&str> {
        let list = self.input.get(member).and_then(Value::as_array);
        let list = list.into_iter().flatten();
        list.filter_map(Value::as_str).collect()
    }

    /// Whether a list has anything in it.
    pub(super) fn has(&self, member: &str) -> bool {
        let list = self.input.get(member);
        list.is_some_and(|list| match list {
            Value::Array(items) => !items.is_empty(),
            Value::Object(members) => !members.is_empty(),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
        })
    }

    /// The same action on each of these; on everything where there is none.
    pub(super) fn on_each(&self, action: &str, resources: Vec<String>) -> Vec<Need> {
        match resources.is_empty() {
            true => vec![Need::new(action, "*")],
            false => resources
                .into_iter()
                .map(|resource| Need::new(action, resource))
                .collect(),
        }
    }
}

/// Everything the call needs.
pub(super) fn of(front: &Front, route: &Route, parts: &Parts, input: &Value) -> Vec<Need> {
    let called = Called {
        front,
        region: &route.region,
        operation: &route.operation,
        input,
    };
    match route.destination {
        Destination::CallerIdentity => Vec::new(),
        Destination::World(owned) | Destination::Unrecognised(owned) => of_owned(&called, owned),
        Destination::Moto => of_others(&called, &route.service, parts),
    }
}

fn of_owned(called: &Called<'_>, owned: &Owned) -> Vec<Need> {
    let action = format!("{}:{}", owned.policy_prefix(), called.operation);
    match owned.service {
        switchyard_world::Service::Ecs => ecs::of(called, &action),
        switchyard_world::Service::Elbv2 => of_load_balancing(called, &action),
        switchyard_world::Service::CodeDeploy => of_code_deploy(called, &action),
        switchyard_world::Service::AutoScaling => scaling::of(called, &action),
        switchyard_world::Service::CloudWatch => of_cloudwatch(called, &action),
        // Its calls are REST: they are not owned as the others are.
        switchyard_world::Service::Lambda => vec![Need::new(action, "*")],
    }
}

fn of_load_balancing(called: &Called<'_>, action: &str) -> Vec<Need> {
    let on = |member: &str| called.text(member).to_owned();
    match called.operation {
        "CreateRule" => {
            let listener = on("ListenerArn");
            let rules = listener.replace(":listener/", ":listener-rule/") + "/*";
            let mut needs = vec![Need::new(action, listener)];
            if called.has("Tags") {
                let tags = Need::new("elasticloadbalancing:AddTags", rules);
                needs.push(tags.with("elasticloadbalancing:CreateAction", "CreateRule"));
            }
            needs
        }
        "DeleteRule" | "ModifyRule" => vec![Need::new(action, on("RuleArn"))],
        "ModifyListener" | "DeleteListener" => vec![Need::new(action, on("ListenerArn"))],
        "SetRulePriorities" => {
            let list = called.input.get("RulePriorities").and_then(Value::as_array);
            let rules = list.into_iter().flatten();
            let rules = rules.filter_map(|rule| rule.get("RuleArn")?.as_str());
            called.on_each(action, rules.map(ToOwned::to_owned).collect())
        }
        "AddTags" | "RemoveTags" => {
            let arns = called.texts("ResourceArns").into_iter();
            called.on_each(action, arns.map(ToOwned::to_owned).collect())
        }
        _ => vec![Need::new(action, "*")],
    }
}

fn of_code_deploy(called: &Called<'_>, action: &str) -> Vec<Need> {
    let group = |application: &str, group: &str| {
        let rest = format!("deploymentgroup:{application}/{group}");
        called.arn("codedeploy", &rest)
    };
    let application = called.text("applicationName");
    match called.operation {
        "CreateDeployment" => {
            let on_application = called.arn("codedeploy", &format!("application:{application}"));
            let config = match called.text("deploymentConfigName") {
                "" => Vec::new(),
                name => {
                    let config = called.arn("codedeploy", &format!("deploymentconfig:{name}"));
                    vec![Need::new("codedeploy:GetDeploymentConfig", config)]
                }
            };
            let mut needs = vec![
                Need::new(
                    action,
                    group(application, called.text("deploymentGroupName")),
                ),
                Need::new("codedeploy:RegisterApplicationRevision", &*on_application),
                Need::new("codedeploy:GetApplicationRevision", on_application),
            ];
            needs.extend(config);
            needs
        }
        "GetDeploymentGroup" | "ListDeployments" => {
            let name = called.text("deploymentGroupName");
            vec![Need::new(action, group(application, name))]
        }
        "GetDeploymentConfig" => {
            let name = called.text("deploymentConfigName");
            let config = called.arn("codedeploy", &format!("deploymentconfig:{name}"));
            vec![Need::new(action, config)]
        }
        "GetDeployment" => {
            let found = called.front.world.call(
                switchyard_world::Service::CodeDeploy,
                called.region,
                called.operation,
                called.input.clone(),
            );
            let found = found.unwrap_or_default();
            let word = |member: &str| {
                let word = found.pointer(&format!("/deploymentInfo/{member}"));
                word.and_then(Value::as_str).unwrap_or("*").to_owned()
            };
            let of = group(&word("applicationName"), &word("deploymentGroupName"));
            vec![Need::new(action, of)]
        }
        _ => vec![Need::new(action, "*")],
    }
}

fn of_cloudwatch(called: &Called<'_>, action: &str) -> Vec<Need> {
    let alarm = |name: &str| called.arn("cloudwatch", &format!("alarm:{name}"));
    // Dashboards are of an account and not of a region.
    let account = &called.front.account;
    let dashboard = |name: &str| format!("arn:aws:cloudwatch::{account}:dashboard/{name}");
    match called.operation {
        "PutMetricAlarm" | "PutCompositeAlarm" => {
            let on = alarm(called.text("AlarmName"));
            let mut needs = vec![Need::new(action, &*on)];
            if called.has("Tags") {
                needs.push(Need::new("cloudwatch:TagResource", on));
            }
            needs
        }
        "DeleteAlarms" | "DescribeAlarms" => {
            let names = called.texts("AlarmNames").into_iter();
            called.on_each(action, names.map(alarm).collect())
        }
        "PutMetricData" => {
            let namespace = called.text("Namespace");
            vec![Need::new(action, "*").with("cloudwatch:namespace", namespace)]
        }
        "ListTagsForResource" | "TagResource" | "UntagResource" => {
            vec![Need::new(action, called.text("ResourceARN"))]
        }
        "GetDashboard" | "PutDashboard" => {
            let on = dashboard(called.text("DashboardName"));
            vec![Need::new(action, on)]
        }
        "DeleteDashboards" => {
            let names = called.texts("DashboardNames").into_iter();
            called.on_each(action, names.map(dashboard).collect())
        }
        _ => vec![Need::new(action, "*")],
    }
}

/// Services that the lab does not own, as far as our provider calls them; of the others only the name of the action is
/// known, so that they need it on everything.
fn of_others(called: &Called<'_>, service: &str, parts: &Parts) -> Vec<Need> {
    let action = format!("{service}:{}", called.operation);
    match (service, called.operation) {
        ("s3", _) => storage::of(called.operation, parts),
        ("ecr", "BatchGetImage" | "GetDownloadUrlForLayer") => {
            let name = called.text("repositoryName");
            let repository = called.arn("ecr", &format!("repository/{name}"));
            vec![Need::new(action, repository)]
        }
        ("secretsmanager", "DescribeSecret" | "GetSecretValue") => {
            let id = called.text("SecretId");
            let secret = match id.starts_with("arn:") {
                true => id.to_owned(),
                false => called.arn("secretsmanager", &format!("secret:{id}-??????")),
            };
            vec![Need::new(action, secret)]
        }
        ("ssm", "GetParameter") => {
            let name = called.text("Name");
            let parameter = match name.starts_with("arn:") {
                true => name.to_owned(),
                false => called.arn(
                    "ssm",
                    &format!("parameter/{}", name.trim_start_matches('/')),
                ),
            };
            vec![Need::new(action, parameter)]
        }
        ("sns", "Publish") => vec![Need::new(action, called.text("TopicArn"))],
        ("events", "PutEvents") => {
            let bus = called.input.pointer("/Entries/0/EventBusName");
            let bus = bus.and_then(Value::as_str).unwrap_or("default");
            let bus = match bus.starts_with("arn:") {
                true => bus.to_owned(),
                false => called.arn("events", &format!("event-bus/{bus}")),
            };
            vec![Need::new(action, bus)]
        }
        ("logs", "GetLogEvents") => {
            let (group, stream) = (called.text("logGroupName"), called.text("logStreamName"));
            let stream = format!("log-group:{group}:log-stream:{stream}");
            vec![Need::new(action, called.arn("logs", &stream))]
        }
        ("logs", "FilterLogEvents") => {
            // AWS names the group with an empty stream.
            let group = format!("log-group:{}:log-stream:", called.text("logGroupName"));
            vec![Need::new(action, called.arn("logs", &group))]
        }
        ("servicequotas", "GetServiceQuota") => {
            let (service, quota) = (called.text("ServiceCode"), called.text("QuotaCode"));
            let quota = called.arn("servicequotas", &format!("{service}/{quota}"));
            vec![Need::new(action, quota)]
        }
        (
            "lambda",
            "CreateAlias" | "DeleteAlias" | "GetAlias" | "GetFunctionConfiguration" | "UpdateAlias",
        ) => vec![Need::new(action, of_function(called, parts))],
        ("lambda", operation) => match invoked_function(operation) {
            Some(function) => {
                let arn = match function.starts_with("arn:") {
                    true => function,
                    false => called.arn("lambda", &format!("function:{function}")),
                };
                vec![Need::new("lambda:InvokeFunction", arn)]
            }
            None => vec![Need::new(action, "*")],
        },
        ("elb-classic", operation) => {
            vec![Need::new(format!("elasticloadbalancing:{operation}"), "*")]
        }
        _ => vec![Need::new(action, "*")],
    }
}

/// The ARN of the function, with the version that is asked for.
fn of_function(called: &Called<'_>, parts: &Parts) -> String {
    let Some((function, qualifier)) = lambda::subject(parts) else {
        return "*".to_owned();
    };
    let arn = match function.starts_with("arn:") {
        true => function,
        false => called.arn("lambda", &format!("function:{function}")),
    };
    match qualifier {
        Some(qualifier) => format!("{arn}:{qualifier}"),
        None => arn,
    }
}
