//! hashicorp/aws on the lab: everything a scenario puts around a service is created, changed and destroyed,
//! and each plan in between is empty.

use std::path::Path;

use serde_json::{Value, json};
use switchyard_harness::{AWS_PROVIDER, Project, Run, Stage};

/// The files of a folder of HCL, for [`Stage::project_with_aws`].
pub(crate) fn module(folder: &Path) -> Vec<(String, String)> {
    let entries = std::fs::read_dir(folder)
        .unwrap_or_else(|error| panic!("{} cannot be read: {error}", folder.display()));
    let mut files: Vec<_> = entries
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "tf"))
        .map(|path| {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            (name, std::fs::read_to_string(&path).unwrap())
        })
        .collect();
    files.sort();
    assert!(!files.is_empty(), "{} holds no HCL", folder.display());
    files
}

/// A project with those files, the AWS provider and ours.
///
/// # Panics
/// When the AWS provider is neither in a local mirror nor to be downloaded: a case that cannot run must not pass.
pub(crate) fn project(stage: &Stage, folder: &Path) -> Project {
    let files = module(folder);
    let files: Vec<_> = files
        .iter()
        .map(|(name, text)| (name.as_str(), text.clone()))
        .collect();
    let started = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        stage.project_keeping_aws(&files)
    }));
    started.unwrap_or_else(|_| {
        panic!(
            "`terraform init` failed, see above. This case needs hashicorp/aws {AWS_PROVIDER}: \
             name a plugin mirror that holds it in SWITCHYARD_PROVIDER_MIRROR, or allow the download"
        )
    })
}

/// A command without questions, with one variable.
pub(crate) fn with(project: &Project, command: &str, variable: &str) -> Run {
    let mut arguments = vec![command, "-input=false", "-no-color", "-var", variable];
    arguments.push(match command {
        "plan" => "-detailed-exitcode",
        _ => "-auto-approve",
    });
    project.run(&arguments)
}

/// Number of entries of a list in an answer.
fn count(stage: &Stage, service: &str, operation: &str, list: &str) -> usize {
    let answer = stage.call(service, operation, json!({}));
    answer[list].as_array().map_or(0, Vec::len)
}

#[test]
fn everything_around_a_service_is_created_changed_and_destroyed() {
    let stage = Stage::new();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/aws");
    let project = project(&stage, &folder);

    for generation in ["generation=1", "generation=2"] {
        with(&project, "apply", generation).ok();
        with(&project, "plan", generation).ok();
        let agree = project.run(&["output", "-json", "lookups_agree"]).ok();
        assert_eq!(agree.stdout.trim(), "true");
    }
    let service = stage.service("everything", "rolling");
    assert_eq!(service["desiredCount"], 3);
    assert_eq!(service["runningCount"], 3);

    with(&project, "destroy", "generation=2").ok();
    let left = |service, operation, list| count(&stage, service, operation, list);
    assert_eq!(left("ecs", "ListClusters", "clusterArns"), 0);
    assert_eq!(left("ecs", "ListTaskDefinitions", "taskDefinitionArns"), 0);
    assert_eq!(left("elbv2", "DescribeLoadBalancers", "LoadBalancers"), 0);
    assert_eq!(left("elbv2", "DescribeTargetGroups", "TargetGroups"), 0);
    assert_eq!(left("codedeploy", "ListApplications", "applications"), 0);
    assert_eq!(left("cloudwatch", "DescribeAlarms", "MetricAlarms"), 0);
    assert_eq!(left("cloudwatch", "ListDashboards", "DashboardEntries"), 0);
    let configs = stage.call("codedeploy", "ListDeploymentConfigs", json!({}));
    let ours = configs["deploymentConfigsList"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .find(|name| !name.starts_with("CodeDeployDefault."));
    assert_eq!(ours, None);
    let targets = stage.call(
        "application-autoscaling",
        "DescribeScalableTargets",
        json!({ "ServiceNamespace": "ecs" }),
    );
    assert_eq!(targets["ScalableTargets"], json!([]));
}
