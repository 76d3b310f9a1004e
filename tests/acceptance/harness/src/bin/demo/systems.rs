//! `make demo SYSTEM=…`: a whole system of the scenarios, deployed well, broken, and destroyed.

use serde_json::Value;
use switchyard_harness::copied::{files, repository};
use switchyard_harness::{Project, Run, Stage};

use crate::claims::Claims;
use crate::say;
use crate::scene::{SPEED, exit, left_over, step, stop_unless};

/// A scenario that the demo can play.
pub(crate) struct System {
    /// Folder of the scenario.
    pub(crate) name: &'static str,
    about: &'static str,
    /// Where the outputs name the live revision of the service that is broken.
    live: &'static str,
    /// Its task definition family.
    family: &'static str,
    /// Arguments of every command, but for the images.
    arguments: &'static [&'static str],
    /// Arguments by which every service has an image of that tag, and one of them perhaps another.
    images: fn(tag: &str, other: Option<&str>) -> String,
    /// A command before the first one.
    before: Option<&'static [&'static str]>,
    /// Where the report of the last deployment is.
    report: Option<&'static str>,
}

/// The systems by name.
pub(crate) const SYSTEMS: [System; 4] = [
    System {
        name: "auto-shop",
        about: "One backend behind HTTPS that AWS CodeDeploy moves all at once; alarms; limits as variables.",
        live: "/live_task_definition/value",
        family: "auto-shop-backend",
        arguments: &[],
        images: |tag, other| format!("image=shop:{}", other.unwrap_or(tag)),
        before: None,
        report: None,
    },
    System {
        name: "court-case",
        about: "An API with domain, firewall, database, cache, backups and alarms; releases with gates and a health score.",
        live: "/live_task_definition/value",
        family: "court-case-api",
        arguments: &["-var=protected=false"],
        images: |tag, other| format!("image=cases:{}", other.unwrap_or(tag)),
        before: None,
        report: Some("deployments/last.json"),
    },
    System {
        name: "staged-traffic",
        about: "One application, here its production environment: 10, 50 and 100 percent, each watched for a time.",
        live: "/live_task_definition/value",
        family: "accounts-prod-app",
        arguments: &["-var-file=environments/prod.tfvars", "-var=protected=false"],
        images: |tag, other| format!("image=accounts:{}", other.unwrap_or(tag)),
        before: Some(&["workspace", "select", "-or-create", "prod"]),
        report: Some("deployments/prod.json"),
    },
    System {
        name: "event-booking",
        about: "Five services behind one load balancer, from task definitions in JSON; CodeDeploy moves each by itself.",
        live: "/live/value/ticket/task_definition",
        family: "event-booking-ticket",
        arguments: &[],
        images: |tag, other| {
            let services = ["auth", "event", "notification", "payment"];
            let images = services.map(|name| format!("{name}=\"{name}-service:{tag}\""));
            let ticket = other.unwrap_or(tag);
            format!(
                "images={{{},ticket=\"ticket-service:{ticket}\"}}",
                images.join(",")
            )
        },
        before: None,
        report: None,
    },
];

/// The system of that name, or a sentence with the names that there are.
pub(crate) fn find(name: &str) -> Result<&'static System, String> {
    let names: Vec<_> = SYSTEMS.iter().map(|system| system.name).collect();
    let found = SYSTEMS.iter().find(|system| system.name == name);
    found.ok_or_else(|| {
        format!(
            "There is no system {name}. Choose one of these: {}.",
            names.join(", ")
        )
    })
}

/// A system in the lab.
struct Played {
    system: &'static System,
    stage: Stage,
    project: Project,
}

impl Played {
    fn command(&self, verb: &str, flag: &str, tag: &str, other: Option<&str>) -> Run {
        let images = (self.system.images)(tag, other);
        let mut arguments = vec![verb, flag, "-input=false", "-no-color", "-var", &images];
        arguments.extend(self.system.arguments);
        self.project.run(&arguments)
    }

    fn apply(&self, tag: &str, other: Option<&str>) -> Run {
        self.command("apply", "-auto-approve", tag, other)
    }

    /// The revision that the outputs call live.
    fn live(&self) -> String {
        let run = self.project.run(&["output", "-json"]);
        let outputs: Value = serde_json::from_str(&run.stdout).unwrap_or_default();
        let arn = outputs.pointer(self.system.live).and_then(Value::as_str);
        let revision = arn.unwrap_or_default().rsplit('/').next();
        revision.unwrap_or_default().to_owned()
    }

    /// Seconds that the way back took, as the report says.
    fn recovery(&self) -> Option<u64> {
        let path = self.project.folder().join(self.system.report?);
        let report: Value = serde_json::from_str(&std::fs::read_to_string(path).ok()?).ok()?;
        report["deployment"]["recovery_seconds"].as_u64()
    }
}

/// Five minutes, as all of the systems promise.
const OBJECTIVE: u64 = 300;

pub(crate) fn play(claims: &mut Claims, system: &'static System) {
    let stage = Stage::with_speed(SPEED);
    step(system.name, system.about);
    let folder = repository()
        .join("examples/terraform/scenarios")
        .join(system.name);
    let files = files(&folder);
    let files: Vec<_> = files
        .iter()
        .map(|(name, text)| (name.as_str(), text.clone()))
        .collect();
    let project = stage.project_keeping_aws(&files);
    say(&format!(
        "   scratch folder: {}",
        project.folder().display()
    ));
    let played = Played {
        system,
        stage,
        project,
    };
    if let Some(before) = system.before {
        stop_unless(&played.project.run(before));
    }
    goes_out(claims, &played);
    breaks(claims, &played);
    the_end(claims, &played);
}

fn goes_out(claims: &mut Claims, played: &Played) {
    step(
        "Everything is created, and v2 goes out",
        "hashicorp/aws itself waits some minutes for what it creates.",
    );
    let run = played.apply("v1", None);
    claims.check("v1: apply succeeds", run.code == 0, exit(&run));
    stop_unless(&run);
    let run = played.command("plan", "-detailed-exitcode", "v1", None);
    claims.check("a second plan is empty", run.code == 0, exit(&run));
    let run = played.apply("v2", None);
    claims.check("v2: apply succeeds", run.code == 0, exit(&run));
    stop_unless(&run);
    let live = played.live();
    claims.check("v2 is live", live == revision(played.system, 2), live);
}

fn breaks(claims: &mut Claims, played: &Played) {
    step(
        "v3 crashes as soon as it starts",
        "No user is affected, nothing of it may stay, and the apply must say why.",
    );
    let run = played.apply("v2", Some("v3--crash"));
    let said = run.words().contains("was rolled back");
    claims.check(
        "v3: the apply fails and says that it was rolled back",
        run.code != 0 && said,
        exit(&run),
    );
    let live = played.live();
    claims.check("v2 is still live", live == revision(played.system, 2), live);
    if let Some(seconds) = played.recovery() {
        claims.check(
            "the way back took less than its objective",
            seconds <= OBJECTIVE,
            format!("{seconds} s of {OBJECTIVE} s"),
        );
    }
}

fn the_end(claims: &mut Claims, played: &Played) {
    step("Destroy", "Everything goes, and nothing is left behind.");
    let run = played.command("destroy", "-auto-approve", "v2", None);
    claims.check("destroy succeeds", run.code == 0, exit(&run));
    if run.code != 0 {
        say(&run.text());
    }
    let left = [
        left_over(&played.stage, "ecs", "ListClusters", "clusterArns"),
        left_over(
            &played.stage,
            "elbv2",
            "DescribeLoadBalancers",
            "LoadBalancers",
        ),
        left_over(
            &played.stage,
            "elbv2",
            "DescribeTargetGroups",
            "TargetGroups",
        ),
    ];
    let evidence = format!("clusters, load balancers, target groups: {left:?}");
    claims.check("nothing is left", left == [0; 3], evidence);
}

fn revision(system: &System, number: u32) -> String {
    format!("{}:{number}", system.family)
}
