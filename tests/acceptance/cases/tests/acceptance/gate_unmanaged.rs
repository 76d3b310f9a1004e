//! What exists in the account and in no state, found by the drift gate beside everything that hashicorp/aws and ours manage.

use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};
use switchyard_harness::{Project, Stage};

use crate::aws_provider;
use crate::gate::switchyard;
use crate::permissions::{self, UNMANAGED};

/// Ours beside those of hashicorp/aws.
const OURS: &str = r#"
resource "switchyard_listener_rule" "ours" {
  listener_arn  = aws_lb_listener.https.arn
  priority      = 77
  target_groups = [aws_lb_target_group.pair["blue"].arn, aws_lb_target_group.pair["green"].arn]

  condition {
    path_pattern {
      values = ["/ours/*"]
    }
  }
}
"#;

struct Account {
    stage: Stage,
    project: Project,
}

impl Account {
    fn new() -> Self {
        let stage = Stage::new();
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/aws");
        let mut files = aws_provider::module(&folder);
        // A configuration names its providers once.
        for (_, text) in &mut files {
            let ours = "    switchyard = { source = \"switchyard/switchyard\" }\n";
            *text = text.replacen(
                "  required_providers {\n",
                &format!("  required_providers {{\n{ours}"),
                1,
            );
        }
        files.push(("ours.tf".to_owned(), OURS.to_owned()));
        let files: Vec<_> = files
            .iter()
            .map(|(name, text)| (name.as_str(), text.clone()))
            .collect();
        let project = stage.project_keeping_aws(&files);
        aws_provider::with(&project, "apply", "generation=1").ok();
        let plan = ["plan", "-input=false", "-no-color", "-out=tfplan"];
        project.run(&plan).ok();
        let document = project.run(&["show", "-json", "tfplan"]).ok().stdout;
        project.write("plan.json", &document);
        Self { stage, project }
    }

    fn gate(&self, arguments: &[&str]) -> (i32, String) {
        let output = Command::new(switchyard(self.stage.terraform().provider()))
            .args(["gate", "--unmanaged", "plan.json"])
            .args(arguments)
            .current_dir(self.project.folder())
            .envs(self.stage.environment())
            .output()
            .unwrap();
        let text = [output.stdout, output.stderr].concat();
        let text = String::from_utf8_lossy(&text).into_owned();
        (output.status.code().unwrap_or(-1), text)
    }

    /// The unmanaged objects, each with its severity and its name.
    fn found(&self, arguments: &[&str]) -> Vec<String> {
        let (_, text) = self.gate(&[&["--format", "json"], arguments].concat());
        let report: Value = serde_json::from_str(&text).unwrap_or_else(|_| panic!("{text}"));
        let all = report["drift"].as_array().unwrap().iter();
        let all = all.filter(|found| found["event"] == "unmanaged" && found["object"].is_string());
        all.map(|found| {
            let text = |key: &str| found[key].as_str().unwrap_or_default();
            format!("{} {}", text("severity"), text("object"))
        })
        .collect()
    }

    fn listener(&self) -> Value {
        self.project.state("aws_lb_listener.https")["arn"].clone()
    }

    /// Somebody makes a target group, a rule that leads to it, and a service.
    fn somebody_adds(&self) {
        let stage = &self.stage;
        let vpc = self.project.state("aws_vpc.main")["id"].clone();
        let group = json!({"Name": "extra", "Protocol": "HTTP", "Port": 80, "TargetType": "ip", "VpcId": vpc});
        let group = stage.call("elbv2", "CreateTargetGroup", group);
        let group = &group["TargetGroups"][0]["TargetGroupArn"];
        let rule = json!({
            "ListenerArn": self.listener(), "Priority": 5,
            "Conditions": [{"Field": "path-pattern", "Values": ["/*"]}],
            "Actions": [{"Type": "forward", "TargetGroupArn": group}],
        });
        stage.call("elbv2", "CreateRule", rule);
        let definition = stage.task_definition("extra", "extra:v1");
        let network =
            json!({"awsvpcConfiguration": {"subnets": ["subnet-0a"], "securityGroups": ["sg-0a"]}});
        let cluster = self.project.state("aws_ecs_cluster.main")["name"].clone();
        let service = json!({
            "cluster": cluster, "serviceName": "extra", "taskDefinition": definition, "desiredCount": 1,
            "launchType": "FARGATE", "networkConfiguration": network,
            "tags": [{"key": "team", "value": "shop"}],
        });
        stage.call("ecs", "CreateService", service);
    }
}

#[test]
fn what_no_state_has_is_found_and_what_the_states_have_is_not() {
    let account = Account::new();
    assert_eq!(account.found(&[]), Vec::<String>::new());

    account.somebody_adds();
    let cluster = account.project.state("aws_ecs_cluster.main")["name"].clone();
    let cluster = cluster.as_str().unwrap();
    let (service, rule, group) = (
        format!("major service {cluster}/extra"),
        "critical listener rule with priority 5".to_owned(),
        "major target group extra".to_owned(),
    );
    let all = [service.clone(), rule.clone(), group];
    assert_eq!(account.found(&[]), all);
    let narrowed = [service, rule];
    assert_eq!(account.found(&["--unmanaged-cluster", cluster]), narrowed);
    assert_eq!(account.found(&["--unmanaged-tag", "team=shop"]), narrowed);
    let (code, text) = account.gate(&[]);
    assert_eq!(code, 3, "{text}");
    assert!(text.contains("[unmanaged.traffic]"), "{text}");

    // The commands of the report take them away again.
    let (_, text) = account.gate(&["--format", "json"]);
    let report: Value = serde_json::from_str(&text).unwrap();
    let deletions: Vec<&str> = report["drift"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|found| found["object"].is_string())
        .filter_map(|found| found["remedies"][1]["command"].as_str())
        .collect();
    assert_eq!(deletions.len(), 3, "{deletions:?}");
    for start in [
        "aws ecs delete-service",
        "aws elbv2 delete-rule",
        "aws elbv2 delete-target-group",
    ] {
        assert!(
            deletions.iter().any(|command| command.starts_with(start)),
            "{start} in {deletions:?}"
        );
    }

    // Accepted, they no longer count; another one does.
    let accept = ["--baseline", "baseline", "--accept", "of another team"];
    assert_eq!(account.gate(&accept).0, 0);
    let baseline = ["--baseline", "baseline"];
    assert_eq!(account.gate(&baseline).0, 0);
    account.stage.cluster("another");
    let (code, text) = account.gate(&baseline);
    assert_eq!(code, 2, "{text}");
    assert!(
        text.contains("cluster another, which no state has"),
        "{text}"
    );
}

#[test]
fn the_policy_of_the_guide_is_enough_and_without_it_one_sentence_says_so() {
    let account = Account::new();
    permissions::restrict_stage(&account.stage, &[UNMANAGED]);
    let (code, text) = account.gate(&["--unmanaged-tag", "team"]);
    assert_eq!(code, 0, "{text}");

    permissions::restrict_stage(&account.stage, &[permissions::METRICS]);
    let (code, text) = account.gate(&[]);
    assert_eq!(code, 4, "{text}");
    let sentence = "Unmanaged objects were not looked for among ";
    assert_eq!(text.matches(sentence).count(), 1, "{text}");
    assert!(
        text.contains("the credentials lack ecs:ListClusters"),
        "{text}"
    );
    assert_eq!(account.gate(&["--allow-partial"]).0, 0);
}
