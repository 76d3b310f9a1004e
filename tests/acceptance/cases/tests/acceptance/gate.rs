//! The drift gate in a pipeline: the scripts of the ready workflows, run as the runners run them, with the real command
//! line, the real `switchyard` and drift made outside.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};
use switchyard_harness::{AWS_PROVIDER, Project};

use crate::{Scene, permissions};

/// A service of Terraform's in the folder `infrastructure` of a checkout.
struct Checkout {
    scene: Scene,
    project: Project,
    folder: PathBuf,
}

impl Checkout {
    fn new() -> Self {
        let scene = Scene::new();
        let main = scene.native(&scene.v1).hcl();
        Self::of(scene, main)
    }

    fn of(scene: Scene, main: String) -> Self {
        // Installed from a mirror, because the workflows run `init`.
        let project = scene
            .stage
            .project_with_aws(&[("main.tf", main)])
            .without_checksums();
        project.apply().ok();
        let folder = project.scratch().join("checkout");
        std::fs::create_dir(&folder).unwrap();
        std::os::unix::fs::symlink(project.folder(), folder.join("infrastructure")).unwrap();
        Self {
            scene,
            project,
            folder,
        }
    }

    /// Somebody else sets the number of tasks: none is critical, any other is major.
    fn tasks_become(&self, count: u32) {
        let input = json!({ "cluster": "main", "service": "web", "desiredCount": count });
        self.scene.stage.call("ecs", "UpdateService", input);
    }

    /// Files of the runner's own beside the checkout.
    fn beside(&self, name: &str) -> PathBuf {
        self.project.scratch().join(name)
    }

    /// Runs a script as a step, with the programs under test first on the PATH.
    fn bash(&self, folder: &Path, script: &str) -> (i32, String) {
        let terraform = self.scene.stage.terraform();
        let programs = [
            terraform.binary().to_owned(),
            switchyard(terraform.provider()),
        ];
        let folders = programs.iter().filter_map(|program| program.parent());
        let system = ["/usr/bin", "/bin"].map(Path::new);
        let path = std::env::join_paths(folders.chain(system)).unwrap();
        let output = Command::new("bash")
            .args(["--noprofile", "--norc", "-eo", "pipefail", "-c", script])
            .current_dir(folder)
            .env_clear()
            .envs(self.scene.stage.environment())
            .env("PATH", path)
            .env("HOME", self.project.scratch())
            .env("TF_CLI_CONFIG_FILE", self.beside("cli.tfrc"))
            .env("CHECKPOINT_DISABLE", "1")
            .env("RUNNER_TEMP", self.project.scratch())
            .env("GITHUB_STEP_SUMMARY", self.beside("summary.md"))
            .env("GITHUB_OUTPUT", self.beside("output"))
            .output()
            .unwrap();
        let text = [output.stdout, output.stderr].concat();
        let text = String::from_utf8_lossy(&text).into_owned();
        (output.status.code().unwrap_or(-1), text)
    }
}

/// The program, which is built beside the provider.
pub(crate) fn switchyard(provider: &Path) -> PathBuf {
    let program = provider.with_file_name("switchyard");
    assert!(
        program.is_file(),
        "the gate is not built: run `cargo build -p switchyard-cli` first"
    );
    program
}

fn workflow(name: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../examples/ci");
    std::fs::read_to_string(folder.join(name)).unwrap()
}

fn indentation(line: &str) -> usize {
    line.len() - line.trim_start().len()
}

/// One step of the workflow for GitHub that runs a script.
#[derive(Debug)]
struct Step {
    name: String,
    always: bool,
    script: String,
}

/// The steps that run scripts, in order.
fn steps(workflow: &str) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    let (mut name, mut always) = (String::new(), false);
    let mut lines = workflow.lines().peekable();
    while let Some(line) = lines.next() {
        let (entry, depth) = (line.trim_start(), indentation(line));
        if let Some(found) = entry.strip_prefix("- name: ") {
            (name, always) = (found.to_owned(), false);
        } else if entry == "if: always()" {
            always = true;
        } else if let Some(script) = entry.strip_prefix("run: ") {
            let mut script = script.to_owned();
            if script == "|" {
                script.clear();
                while let Some(line) =
                    lines.next_if(|line| line.trim().is_empty() || indentation(line) > depth)
                {
                    script += line.get(depth + 2..).unwrap_or_default();
                    script.push('\n');
                }
            }
            steps.push(Step {
                name: name.clone(),
                always,
                script,
            });
        }
    }
    steps
}

/// Runs the workflow for GitHub: what each step ended with, and what all of them printed.
fn github(checkout: &Checkout) -> (Vec<(String, i32)>, String) {
    let (mut ended, mut printed) = (Vec::new(), String::new());
    let text = workflow("github-actions.yml");
    // The job that writes the issue is run by the cases of pipelines.
    let (gate, _) = text.split_once("\n  issue:\n").unwrap();
    for step in steps(gate) {
        let failed = ended.iter().any(|(_, code)| *code != 0);
        if failed && !step.always {
            continue;
        }
        let folder = checkout.folder.join("infrastructure");
        let (code, text) = checkout.bash(&folder, &step.script);
        ended.push((step.name, code));
        printed += &text;
    }
    (ended, printed)
}

fn codes(ended: &[(String, i32)]) -> Vec<(&str, i32)> {
    let codes = ended.iter().map(|(name, code)| (name.as_str(), *code));
    codes.collect()
}

const PASSES: [(&str, i32); 3] = [("Plan", 0), ("Judge", 0), ("Remove the plan", 0)];

#[test]
fn the_workflow_for_github_passes_warns_and_blocks() {
    let checkout = Checkout::new();
    let (ended, printed) = github(&checkout);
    assert_eq!(codes(&ended), PASSES, "{printed}");
    assert!(
        printed.contains("::notice title=Drift gate::No drift that counts."),
        "{printed}"
    );

    checkout.tasks_become(7);
    let (ended, printed) = github(&checkout);
    assert_eq!(codes(&ended), PASSES, "{printed}");
    assert!(
        printed.contains("::warning title=major drift%3A"),
        "{printed}"
    );

    checkout.tasks_become(0);
    let (ended, printed) = github(&checkout);
    assert_eq!(
        codes(&ended),
        [("Plan", 0), ("Judge", 3), ("Remove the plan", 0)],
        "{printed}"
    );
    assert!(
        printed.contains("::error title=critical drift%3A"),
        "{printed}"
    );

    let summary = std::fs::read_to_string(checkout.beside("summary.md")).unwrap();
    assert_eq!(summary.matches(" Drift gate\n").count(), 3, "{summary}");
    for secret in ["tfplan", "plan.json"] {
        assert!(!checkout.beside(secret).exists(), "{secret} is left");
    }
}

#[test]
fn the_workflow_for_github_fails_when_planning_does() {
    let checkout = Checkout::new();
    checkout
        .project
        .write("broken.tf", "output \"x\" { value = nothing.at.all }\n");
    let (ended, printed) = github(&checkout);
    assert_eq!(
        codes(&ended),
        [("Plan", 1), ("Remove the plan", 0)],
        "{printed}"
    );
}

/// The commands below a key of the job for GitLab, as one script: the runner runs them in one shell.
fn commands(workflow: &str, key: &str) -> String {
    let mut lines = workflow.lines();
    let start = lines.find(|line| line.trim_end() == format!("  {key}:"));
    assert!(start.is_some(), "there is no {key}");
    lines
        .take_while(|line| indentation(line) > 2)
        .filter_map(|line| line.trim_start().strip_prefix("- "))
        .map(|command| format!("{command}\n"))
        .collect()
}

#[test]
fn the_job_for_gitlab_passes_warns_and_blocks() {
    let checkout = Checkout::new();
    let job = workflow("gitlab-ci.yml");
    // The one that writes the issue is run by the cases of pipelines.
    let (job, _) = job.split_once("\ndrift-issue:\n").unwrap();
    assert!(job.contains("  allow_failure:\n    exit_codes: 2\n"));
    for (tasks, code, failures) in [(2, 0, 0), (7, 2, 0), (0, 3, 1)] {
        checkout.tasks_become(tasks);
        let (ended, printed) = checkout.bash(&checkout.folder, &commands(job, "script"));
        assert_eq!(ended, code, "{printed}");
        let (ended, printed) = checkout.bash(&checkout.folder, &commands(job, "after_script"));
        assert_eq!(ended, 0, "{printed}");
        let folder = checkout.folder.join("infrastructure");
        for secret in ["tfplan", "plan.json"] {
            assert!(!folder.join(secret).exists(), "{secret} is left");
        }
        let junit = std::fs::read_to_string(folder.join("drift.xml")).unwrap();
        assert!(
            junit.contains(&format!("failures=\"{failures}\"")),
            "{junit}"
        );
    }
}

#[test]
fn a_saved_plan_is_read_and_one_for_a_part_of_the_configuration_is_incomplete() {
    let checkout = Checkout::new();
    let gate = |plan: &str| {
        let script = format!(
            "cd infrastructure; terraform plan -input=false {plan} -out=tfplan > plan.log; switchyard gate tfplan"
        );
        checkout.bash(&checkout.folder, &script)
    };
    let (code, printed) = gate("");
    assert_eq!(code, 0, "{printed}");
    let (code, printed) = gate("-target=\"$(terraform state list | tail -1)\"");
    assert_eq!(code, 4, "{printed}");
    assert!(printed.contains("-target"), "{printed}");
}

#[test]
fn counts_of_drift_arrive_in_cloudwatch() {
    let checkout = Checkout::new();
    checkout.tasks_become(7);
    let script = "cd infrastructure; terraform plan -input=false -out=tfplan > plan.log; \
                  terraform show -json tfplan | switchyard gate --metrics --metrics-dimension Stack=shop";
    let (code, printed) = checkout.bash(&checkout.folder, script);
    assert_eq!(code, 2, "{printed}");
    assert!(!printed.contains("not sent"), "{printed}");
    let namespace = "Custom/AdvancedInfrastructureDrift";
    let stage = &checkout.scene.stage;
    let listed = stage.call(
        "cloudwatch",
        "ListMetrics",
        json!({ "Namespace": namespace }),
    );
    let metrics = listed["Metrics"].as_array().unwrap();
    let mut names: Vec<_> = metrics
        .iter()
        .filter_map(|metric| metric["MetricName"].as_str())
        .collect();
    names.sort_unstable();
    assert_eq!(
        names,
        ["CriticalDrift", "MajorDrift", "MinorDrift", "TotalDrift"]
    );
    let dimensions = json!([{ "Name": "Stack", "Value": "shop" }]);
    for metric in metrics {
        assert_eq!(metric["Dimensions"], dimensions);
    }
    for (name, count) in [
        ("TotalDrift", 1.0),
        ("MajorDrift", 1.0),
        ("CriticalDrift", 0.0),
    ] {
        let input = json!({
            "Namespace": namespace, "MetricName": name, "Dimensions": dimensions, "Period": 86400,
            "StartTime": 0, "EndTime": 32_503_680_000_u64, "Statistics": ["Sum"],
        });
        let answer = stage.call("cloudwatch", "GetMetricStatistics", input);
        let points = answer["Datapoints"].as_array().unwrap();
        let sums: Vec<_> = points
            .iter()
            .filter_map(|point| point["Sum"].as_f64())
            .collect();
        assert_eq!(sums, [count], "{name}: {answer}");
    }
    // The guide's policy is enough for it.
    permissions::restrict(&checkout.scene, &[permissions::METRICS]);
    let again = "cd infrastructure; terraform show -json tfplan | switchyard gate --metrics";
    let (_, printed) = checkout.bash(&checkout.folder, again);
    assert!(!printed.contains("not sent"), "{printed}");
    permissions::each_was_needed(&checkout.scene, permissions::METRICS, &[]);
    let (_, refused) = checkout.bash(
        &checkout.folder,
        "export AWS_ENDPOINT_URL=http://127.0.0.1:9; cd infrastructure; \
         terraform show -json tfplan | switchyard gate --metrics --format json 2> errors > report || echo \"code $?\"; cat errors",
    );
    assert!(
        refused.starts_with("code 2\nThe metrics were not sent: "),
        "{refused}"
    );
    let report = std::fs::read(checkout.folder.join("infrastructure/report")).unwrap();
    let report: Value = serde_json::from_slice(&report).unwrap();
    assert_eq!(report["outcome"], "below_threshold");
}

/// A service on Fargate and an alarm, all of hashicorp/aws's.
fn charged() -> String {
    format!(
        r#"terraform {{
  required_providers {{
    aws = {{
      source  = "hashicorp/aws"
      version = "{AWS_PROVIDER}"
    }}
  }}
}}

provider "aws" {{}}

resource "aws_ecs_task_definition" "web" {{
  family                   = "web"
  cpu                      = 512
  memory                   = 1024
  network_mode             = "awsvpc"
  requires_compatibilities = ["FARGATE"]
  container_definitions    = jsonencode([{{ name = "app", image = "web:v1", essential = true }}])
}}

resource "aws_ecs_service" "web" {{
  name            = "web"
  cluster         = "main"
  task_definition = aws_ecs_task_definition.web.arn
  desired_count   = 2
  launch_type     = "FARGATE"

  network_configuration {{
    subnets         = ["subnet-0a", "subnet-0b"]
    security_groups = ["sg-0a"]
  }}
}}

resource "aws_cloudwatch_metric_alarm" "busy" {{
  alarm_name          = "busy"
  namespace           = "AWS/ECS"
  metric_name         = "CPUUtilization"
  dimensions          = {{ ClusterName = "main", ServiceName = "web" }}
  statistic           = "Average"
  comparison_operator = "GreaterThanThreshold"
  threshold           = 90
  period              = 60
  evaluation_periods  = 3
}}
"#
    )
}

#[test]
fn what_drift_costs_is_read_from_a_real_plan() {
    let checkout = Checkout::of(Scene::new(), charged());
    checkout.tasks_become(5);
    let stage = &checkout.scene.stage;
    stage.call(
        "cloudwatch",
        "DeleteAlarms",
        json!({ "AlarmNames": ["busy"] }),
    );
    let script = "cd infrastructure; terraform plan -input=false -out=tfplan > plan.log; \
                  terraform show -json tfplan > plan.json; switchyard gate --format json plan.json > report || true; \
                  switchyard gate plan.json || true";
    let (code, printed) = checkout.bash(&checkout.folder, script);
    assert_eq!(code, 0, "{printed}");
    let report = std::fs::read(checkout.folder.join("infrastructure/report")).unwrap();
    let report: Value = serde_json::from_slice(&report).unwrap();
    let costs: Vec<_> = report["drift"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|found| found["severity"] != "expected")
        .map(|found| (&found["address"], &found["monthly_cost"]["difference"]))
        .collect();
    let (alarm, service) = (
        json!("aws_cloudwatch_metric_alarm.busy"),
        json!("aws_ecs_service.web"),
    );
    // Three tasks of half a vCPU and a gigabyte more, and one alarm less.
    let expected = [(&alarm, &json!("-0.1")), (&service, &json!("54.06015"))];
    assert_eq!(costs, expected, "{report:#}");
    assert_eq!(report["monthly_cost"]["difference"], "53.96015");
    for line in [
        "Money: +54.06 USD a month.",
        "Money: -0.10 USD a month.",
        "Money: +53.96 USD a month (list prices us-east-1, as of ",
        "some of these resources are in eu-west-1",
    ] {
        assert!(printed.contains(line), "{line}: {printed}");
    }
}
