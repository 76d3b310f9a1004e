//! `doctor`: whether this machine and this account are ready.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use schemars::JsonSchema;
use serde::Serialize;
use switchyard_engine::ports::{CallerFacts, Error, Inspection, Ports};

use crate::console::{Cell, Console, Output, Tone, table};
use crate::exit::Exit;
use crate::trouble::Trouble;
use crate::words::count;
use crate::written::Written;

/// Actions that the provider always needs: the section "Always" of the guide about permissions. A test compares the two.
const ACTIONS: &[&str] = &[
    "application-autoscaling:DescribeScalableTargets",
    "cloudwatch:DescribeAlarms",
    "cloudwatch:GetMetricData",
    "ec2:DescribeSubnets",
    "ecr:BatchGetImage",
    "ecr:GetDownloadUrlForLayer",
    "ecs:ContinueServiceDeployment",
    "ecs:CreateService",
    "ecs:DeleteService",
    "ecs:DescribeClusters",
    "ecs:DescribeContainerInstances",
    "ecs:DescribeServiceDeployments",
    "ecs:DescribeServiceRevisions",
    "ecs:DescribeServices",
    "ecs:DescribeTaskDefinition",
    "ecs:DescribeTasks",
    "ecs:ListContainerInstances",
    "ecs:ListServiceDeployments",
    "ecs:ListServices",
    "ecs:ListTasks",
    "ecs:StopServiceDeployment",
    "ecs:TagResource",
    "ecs:UntagResource",
    "ecs:UpdateService",
    "elasticloadbalancing:DescribeListeners",
    "elasticloadbalancing:DescribeRules",
    "elasticloadbalancing:DescribeTargetGroups",
    "elasticloadbalancing:DescribeTargetHealth",
    "iam:PassRole",
    "logs:DescribeLogGroups",
    "logs:GetLogEvents",
    "secretsmanager:DescribeSecret",
    "servicequotas:GetAWSDefaultServiceQuota",
    "servicequotas:GetServiceQuota",
    "ssm:DescribeParameters",
];

/// AWS refuses signatures that are older or newer.
const REFUSED: SignedDuration = SignedDuration::from_mins(5);
/// Worth a word.
const SKEWED: SignedDuration = SignedDuration::from_secs(30);
/// The oldest Terraform that the provider works with: major, minor.
const OLDEST: [u32; 2] = [1, 1];

/// What the machine has, as whoever started the command found it out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Machine {
    /// Real time.
    pub now: Timestamp,
    /// Terraform, or why it cannot be asked.
    pub terraform: Result<TerraformFound, String>,
    /// Version of the Session Manager plugin, if it is there.
    pub session_plugin: Option<String>,
}

/// The Terraform on the search path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TerraformFound {
    /// Its version.
    pub version: String,
    /// The version of this provider that the current folder has selected.
    pub provider: Option<String>,
}

impl TerraformFound {
    /// Reads what `terraform version -json` says.
    ///
    /// # Errors
    /// It says something else.
    pub fn parse(said: &str) -> Result<Self, String> {
        let said: serde_json::Value = serde_json::from_str(said)
            .map_err(|error| format!("it does not answer in JSON ({error})"))?;
        let version = said.get("terraform_version").and_then(|it| it.as_str());
        let version = version.ok_or_else(|| "its answer has no version".to_owned())?;
        let selections = said
            .get("provider_selections")
            .and_then(|it| it.as_object());
        let mut selections = selections.into_iter().flatten();
        let ours = selections.find(|(source, _)| source.ends_with("/switchyard/switchyard"));
        Ok(Self {
            version: version.to_owned(),
            provider: ours.and_then(|(_, version)| version.as_str().map(str::to_owned)),
        })
    }
}

/// How a check ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Readiness {
    Ok,
    Warning,
    Failed,
}

/// One line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
struct Line {
    name: &'static str,
    result: Readiness,
    /// What is true.
    now: String,
    /// What to do.
    next: Option<String>,
}

/// What `doctor` writes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct Checks {
    checks: Vec<Line>,
}

impl Written for Checks {
    const FORMAT: &'static str = "switchyard.doctor";
}

fn ok(name: &'static str, now: impl Into<String>) -> Line {
    Line {
        name,
        result: Readiness::Ok,
        now: now.into(),
        next: None,
    }
}

fn warning(name: &'static str, now: impl Into<String>, next: impl Into<String>) -> Line {
    Line {
        name,
        result: Readiness::Warning,
        now: now.into(),
        next: Some(next.into()),
    }
}

fn failed(name: &'static str, now: impl Into<String>, next: impl Into<String>) -> Line {
    Line {
        result: Readiness::Failed,
        ..warning(name, now, next)
    }
}

/// Checks whether this machine and this account are ready.
///
/// # Errors
/// The result cannot be written.
pub async fn doctor(
    ports: &Ports,
    inspection: &dyn Inspection,
    machine: &Machine,
    console: &mut Console<'_>,
) -> Result<Exit, Trouble> {
    let mut lines = vec![region(ports.services.region().await)];
    let caller = inspection.caller().await;
    lines.push(credentials(&caller));
    if let Ok(caller) = &caller {
        lines.push(clock(machine.now, caller));
        lines.push(clusters(ports.services.list_clusters().await));
        lines.push(permissions(inspection, caller).await);
    }
    lines.extend(terraform(&machine.terraform));
    lines.push(plugin(machine.session_plugin.as_deref()));
    let found = Checks { checks: lines };
    match console.output {
        Output::Json => console.document(&found)?,
        Output::Text => {
            let text = text(&found.checks, console.color);
            console.say(&text)?;
        }
    }
    let is_failed = |line: &Line| line.result == Readiness::Failed;
    Ok(match found.checks.iter().any(is_failed) {
        true => Exit::NotSucceeded,
        false => Exit::Done,
    })
}

fn text(lines: &[Line], color: bool) -> String {
    let row = |line: &Line| {
        let (word, tone) = match line.result {
            Readiness::Ok => ("ok", Tone::Good),
            Readiness::Warning => ("warning", Tone::Busy),
            Readiness::Failed => ("failed", Tone::Bad),
        };
        let said = match &line.next {
            Some(next) => format!("{} {next}", line.now),
            None => line.now.clone(),
        };
        vec![
            Cell(word.to_owned(), tone),
            Cell::from(line.name),
            Cell::from(said),
        ]
    };
    let rows: Vec<_> = lines.iter().map(row).collect();
    table(
        &["RESULT", "CHECK", "WHAT IS TRUE, AND WHAT TO DO"],
        &rows,
        "",
        color,
    )
}

fn region(region: Option<String>) -> Line {
    match region {
        Some(region) => ok("region", format!("{region}.")),
        None => failed(
            "region",
            "No AWS region is set.",
            "Use `--region`, or set AWS_REGION or `region` in the profile.",
        ),
    }
}

fn credentials(caller: &Result<CallerFacts, Error>) -> Line {
    match caller {
        Ok(caller) => ok(
            "credentials",
            format!(
                "Account {} as {}. Sources, the first that has some counts: {}.",
                caller.account, caller.arn, caller.looked_at
            ),
        ),
        Err(error) => failed(
            "credentials",
            Trouble::of(error, "").to_string().trim().to_owned(),
            "Sign in, or set a profile with `--profile`.",
        ),
    }
}

fn clock(now: Timestamp, caller: &CallerFacts) -> Line {
    let Some(theirs) = caller.date else {
        return warning(
            "clock",
            "AWS's answer has no time.",
            "Compare the clock yourself.",
        );
    };
    let skew = now.duration_since(theirs);
    let away = skew.abs().as_secs();
    let direction = if skew.is_negative() {
        "behind"
    } else {
        "ahead of"
    };
    let said = format!(
        "The clock is {} {direction} AWS's.",
        count(usize::try_from(away).unwrap_or(usize::MAX), "second")
    );
    let next = "Synchronize it (NTP): AWS refuses requests that are more than 5 minutes away.";
    match skew.abs() {
        skew if skew >= REFUSED => failed("clock", said, next),
        skew if skew >= SKEWED => warning("clock", said, next),
        _ => ok("clock", "It agrees with AWS's."),
    }
}

fn clusters(found: Result<Vec<String>, Error>) -> Line {
    match found {
        Ok(found) if found.is_empty() => warning(
            "ecs",
            "ECS answers, and there are no clusters in this region.",
            "Check the region and the account.",
        ),
        Ok(found) => ok(
            "ecs",
            format!("ECS answers: {}.", count(found.len(), "cluster")),
        ),
        Err(error) => failed(
            "ecs",
            Trouble::of(&error, "").to_string().trim().to_owned(),
            "Without ECS nothing works.",
        ),
    }
}

async fn permissions(inspection: &dyn Inspection, caller: &CallerFacts) -> Line {
    let actions: Vec<String> = ACTIONS.iter().map(|action| (*action).to_owned()).collect();
    judged(inspection.denied_actions(&caller.arn, &actions).await)
}

fn judged(denied: Result<BTreeSet<String>, Error>) -> Line {
    match denied {
        Ok(denied) if denied.is_empty() => ok(
            "permissions",
            format!(
                "All {} actions that every apply needs are allowed.",
                ACTIONS.len()
            ),
        ),
        Ok(denied) => warning(
            "permissions",
            format!(
                "IAM's simulation does not allow these on all resources: {}.",
                denied.into_iter().collect::<Vec<_>>().join(", ")
            ),
            "They may be allowed on the resources that policies name; the guide about permissions has the policy.",
        ),
        Err(error) => warning(
            "permissions",
            format!(
                "Not checked: {}",
                Trouble::of(&error, "").to_string().trim()
            ),
            "Allow `iam:SimulatePrincipalPolicy` to have them checked; nothing else needs it.",
        ),
    }
}

fn terraform(found: &Result<TerraformFound, String>) -> Vec<Line> {
    let found = match found {
        Ok(found) => found,
        Err(why) => {
            return vec![warning(
                "terraform",
                format!("Terraform cannot be asked: {why}."),
                "Install Terraform 1.1 or newer; these commands work without it.",
            )];
        }
    };
    let numbers: Vec<u32> = found
        .version
        .split(['.', '-'])
        .map_while(|part| part.parse().ok())
        .collect();
    let version = match numbers.as_slice() >= OLDEST.as_slice() {
        true => ok("terraform", format!("Version {}.", found.version)),
        false => failed(
            "terraform",
            format!("Version {} is older than 1.1.", found.version),
            "Install a newer one.",
        ),
    };
    let provider = match &found.provider {
        Some(version) => ok(
            "provider",
            format!("This folder has selected version {version}."),
        ),
        None => warning(
            "provider",
            "This folder has selected no version of the provider.",
            "Run `terraform init` in the folder of a configuration that uses it.",
        ),
    };
    vec![version, provider]
}

fn plugin(version: Option<&str>) -> Line {
    match version {
        Some(version) => ok("session plugin", format!("Version {version}.")),
        None => warning(
            "session plugin",
            "`session-manager-plugin` is not on the PATH.",
            "`switchyard exec` needs it; nothing else does.",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn caller(date: Option<i64>) -> CallerFacts {
        CallerFacts {
            account: "123456789012".to_owned(),
            arn: "arn:aws:iam::123456789012:user/me".to_owned(),
            looked_at: "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY".to_owned(),
            date: date.map(at),
        }
    }

    #[test]
    fn a_clock_that_is_away_is_told_before_aws_refuses() {
        for (now, theirs, result, said) in [
            (1000, Some(1000), Readiness::Ok, "It agrees"),
            (1029, Some(1000), Readiness::Ok, "It agrees"),
            (1031, Some(1000), Readiness::Warning, "31 seconds ahead of"),
            (1000, Some(1100), Readiness::Warning, "100 seconds behind"),
            (1000, Some(1300), Readiness::Failed, "300 seconds behind"),
            (1000, None, Readiness::Warning, "no time"),
        ] {
            let line = clock(at(now), &caller(theirs));
            assert_eq!(line.result, result, "{now} {theirs:?}");
            assert!(line.now.contains(said), "{}", line.now);
        }
    }

    #[test]
    fn terraform_says_its_version_and_the_providers() {
        let said = r#"{"terraform_version": "1.9.5", "provider_selections": {
            "registry.terraform.io/hashicorp/aws": "6.1.0", "registry.terraform.io/switchyard/switchyard": "0.1.0"}}"#;
        let found = TerraformFound::parse(said).unwrap();
        assert_eq!(
            (found.version.as_str(), found.provider.as_deref()),
            ("1.9.5", Some("0.1.0"))
        );
        assert!(TerraformFound::parse("Terraform v1.0").is_err());
        assert!(TerraformFound::parse("{}").is_err());
        for (version, result) in [
            ("1.0.11", Readiness::Failed),
            ("1.1.0", Readiness::Ok),
            ("1.15.0-rc1", Readiness::Ok),
            ("2.0.0", Readiness::Ok),
        ] {
            let found = TerraformFound {
                version: version.to_owned(),
                provider: None,
            };
            assert_eq!(terraform(&Ok(found))[0].result, result, "{version}");
        }
        assert_eq!(terraform(&Err("it is not there".to_owned())).len(), 1);
    }

    #[test]
    fn permissions_that_are_missing_are_listed() {
        assert_eq!(judged(Ok(BTreeSet::new())).result, Readiness::Ok);
        let line = judged(Ok(BTreeSet::from(["ecs:UpdateService".to_owned()])));
        assert_eq!(line.result, Readiness::Warning);
        assert!(line.now.contains("ecs:UpdateService"), "{}", line.now);
    }

    /// Of the guide's first policy, all actions.
    #[test]
    fn the_actions_are_those_of_the_guide() {
        let guide = include_str!("../../../docs/guides/iam-permissions.md");
        let (_, section) = guide.split_once("\n## Always\n").unwrap();
        let (_, policy) = section.split_once("```json\n").unwrap();
        let policy = policy.split("```").next().unwrap();
        let policy: serde_json::Value = serde_json::from_str(policy).unwrap();
        let mut actions = BTreeSet::new();
        for statement in policy["Statement"].as_array().unwrap() {
            for action in statement["Action"].as_array().unwrap() {
                actions.insert(action.as_str().unwrap());
            }
        }
        let known: BTreeSet<&str> = ACTIONS.iter().copied().collect();
        assert_eq!(known, actions);
        assert_eq!(known.len(), ACTIONS.len(), "each once");
    }
}
