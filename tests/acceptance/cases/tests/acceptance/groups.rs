//! Five services that are deployed together, with the real `terraform` and the real `switchyard`.

use std::process::{Command, Stdio};

use serde_json::{Value, json};
use switchyard_harness::{Run, Stage};

use crate::Scene;
use crate::gate::switchyard;
use crate::permissions;
use crate::provider_block::{HEAD, furnish};

/// Name → what it waits for.
const BOOKING: [(&str, &[&str]); 5] = [
    ("auth", &[]),
    ("event", &["auth"]),
    ("payment", &["auth"]),
    ("ticket", &["event", "payment"]),
    ("notification", &["ticket"]),
];

/// The services, which start with their first revision and follow what is live, and their group at these revisions.
fn hcl(definitions: &[(&str, String)], first: &[(&str, String)]) -> String {
    let map = |of: &[(&str, String)]| -> String {
        let lines = of
            .iter()
            .map(|(name, arn)| format!("    {name} = {arn:?}\n"));
        lines.collect()
    };
    let order: String = BOOKING
        .iter()
        .map(|(name, after)| format!("    {name} = {after:?}\n"))
        .collect();
    format!(
        r#"terraform {{
  required_providers {{
    switchyard = {{ source = "switchyard/switchyard" }}
  }}
}}

locals {{
  first = {{
{}  }}
  wanted = {{
{}  }}
  order = {{
{order}  }}
}}

resource "switchyard_blue_green_service" "service" {{
  for_each              = local.first
  name                  = each.key
  cluster               = "main"
  task_definition       = each.value
  task_definition_owner = "external"
  desired_count         = 1
  launch_type           = "FARGATE"

  network_configuration {{
    subnets = ["subnet-0a0a0a0a0a0a0a0a0"]
  }}

  deployment {{
    strategy = "rolling"
    circuit_breaker {{}}
  }}
}}

resource "switchyard_service_group" "booking" {{
  name = "event-booking"

  dynamic "member" {{
    for_each = local.order
    content {{
      name            = member.key
      service         = switchyard_blue_green_service.service[member.key].arn
      task_definition = local.wanted[member.key]
      after           = member.value
    }}
  }}
}}

data "switchyard_recovery_plan" "booking" {{
  name = "event-booking"

  scenario {{
    name          = "bad-release"
    recovery_time = "30m"

    step {{
      name    = "back"
      command = ["switchyard", "rollback", "--group", "event-booking", "--yes"]
      preview = ["switchyard", "rollback", "--group", "event-booking", "--dry-run"]
    }}
  }}

  scenario {{
    name              = "broken"
    recovery_time     = "1s"
    requires_approval = true
    alarms            = ["quiet"]

    step {{
      name    = "fails"
      command = ["switchyard", "status", "nobody", "--cluster", "main"]
    }}

    step {{
      name    = "never"
      command = ["switchyard", "status", "--all", "--cluster", "main"]
    }}
  }}
}}

output "recovery" {{
  value = data.switchyard_recovery_plan.booking.json
}}

output "waves" {{
  value = switchyard_service_group.booking.waves
}}
"#,
        map(first),
        map(definitions)
    )
}

fn definitions(stage: &Stage, tag: impl Fn(&str) -> String) -> Vec<(&'static str, String)> {
    let each = BOOKING.iter().map(|(name, _)| {
        let image = format!("{name}:{}", tag(name));
        (*name, stage.task_definition(name, &image))
    });
    each.collect()
}

fn live(stage: &Stage) -> Vec<String> {
    let each = BOOKING.iter().map(|(name, _)| {
        let arn = stage.service("main", name)["taskDefinition"].clone();
        let arn = arn.as_str().unwrap_or_default().to_owned();
        arn.rsplit('/').next().unwrap_or_default().to_owned()
    });
    each.collect()
}

fn all_at(revision: u32) -> Vec<String> {
    BOOKING
        .iter()
        .map(|(name, _)| format!("{name}:{revision}"))
        .collect()
}

fn operate(stage: &Stage, arguments: &[&str]) -> Run {
    let mut command = Command::new(switchyard(stage.terraform().provider()));
    let output = command
        .args(arguments)
        .env_clear()
        .envs(stage.environment())
        .env("HOME", "/nonexistent")
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    Run {
        command: format!("switchyard {}", arguments.join(" ")),
        code: output.status.code().unwrap_or(-1),
        stdout: text(output.stdout),
        stderr: text(output.stderr),
    }
}

/// The plan takes the group back, and says how long that took.
fn drills(stage: &Stage, plan: &str, log: &str) {
    let recover = |arguments: &[&str]| operate(stage, &[&["recover", plan], arguments].concat());
    let shown = recover(&[]).ok();
    assert!(
        shown.stdout.contains("bad-release: 1800 s"),
        "{}",
        shown.stdout
    );
    let dry = recover(&["bad-release", "--dry-run"]).ok();
    assert!(
        dry.stdout.contains("goes back, the last wave first"),
        "{}",
        dry.stdout
    );
    let unsaid = recover(&["bad-release", "--yes"]);
    assert!(
        unsaid.code == 1 && unsaid.stderr.contains("--reason"),
        "{}",
        unsaid.stderr
    );
    let elsewhere = [
        "bad-release",
        "--yes",
        "--drill",
        "--endpoint-url",
        "https://ecs.example.com",
    ];
    let elsewhere = recover(&elsewhere);
    assert!(
        elsewhere.stderr.contains("endpoint on this machine"),
        "{}",
        elsewhere.stderr
    );

    let told = recover(&["bad-release", "--yes", "--drill", "--record", log]).ok();
    assert!(
        told.stdout
            .contains("Group `event-booking` is rolled back."),
        "{}",
        told.stdout
    );
    assert!(
        told.stdout.contains("; the objective is 1800 s."),
        "{}",
        told.stdout
    );
    let record: Value = serde_json::from_str(&std::fs::read_to_string(log).unwrap()).unwrap();
    assert_eq!(record["within_objective"], true, "{record}");
    // World time: tasks start and stop for it.
    assert!(record["seconds"].as_u64().unwrap() > 20, "{record}");
    assert_eq!(record["steps"][0]["name"], "back");

    let unapproved = recover(&["broken", "--yes", "--reason", "x"]);
    assert!(
        unapproved.stderr.contains("requires approval"),
        "{}",
        unapproved.stderr
    );
    let quiet = recover(&["broken", "--yes", "--approved-by", "J. Doe", "--if-alarm"]);
    assert_eq!(quiet.code, 2, "{}", quiet.stderr);
    let approved = [
        "broken",
        "--yes",
        "--approved-by",
        "J. Doe",
        "--reason",
        "x",
        "--output",
        "json",
    ];
    let failed = recover(&approved);
    assert_eq!(failed.code, 3, "{}", failed.stderr);
    let record: Value = serde_json::from_str(&failed.stdout).unwrap();
    let steps = record["steps"].as_array().unwrap().len();
    assert_eq!(steps, 1, "the first failure is the last step: {record}");
    assert_eq!(record["approved_by"], "J. Doe");
}

#[test]
fn five_services_move_in_order_and_go_back_together() {
    let stage = Stage::new();
    stage.cluster("main");
    let v1 = definitions(&stage, |_| "v1".to_owned());
    let v2 = definitions(&stage, |_| "v2".to_owned());
    let broken = |name: &str| if name == "ticket" { "v3--crash" } else { "v3" }.to_owned();
    let v3 = definitions(&stage, broken);
    // What the guide allows for every service is enough for a group.
    permissions::restrict_stage(&stage, &[permissions::ALWAYS]);
    let project = stage.project(&hcl(&v1, &v1));
    let plan = project.plan();
    let _ = plan.run.says(&["6 to add", "waves"]);
    project.apply().ok();
    assert_eq!(live(&stage), all_at(1));
    project.plans_nothing();

    project.write("main.tf", &hcl(&v2, &v1));
    let _ = project
        .plan()
        .run
        .says(&["0 to add, 1 to change, 0 to destroy"]);
    project.apply().ok();
    assert_eq!(live(&stage), all_at(2));
    project.plans_nothing();
    let run = project.run(&["output", "-json", "waves"]).ok();
    let waves: Value = serde_json::from_str(&run.stdout).unwrap();
    let expected =
        serde_json::json!([["auth"], ["event", "payment"], ["ticket"], ["notification"]]);
    assert_eq!(waves, expected);

    // The third of four waves fails: the first two go back, the last one never begins.
    project.write("main.tf", &hcl(&v3, &v1));
    let _ = project.apply().fails_saying(&[
        "Group `event-booking` failed at member `ticket`; all members went back to what was live before",
        "`auth` went back to auth:2.",
        "Not deployed: `notification`.",
        "SY0310",
    ]);
    assert_eq!(live(&stage), all_at(2));
    project.write("main.tf", &hcl(&v2, &v1));
    project.plans_nothing();

    // Hours later, without a configuration.
    permissions::restrict_stage(&stage, &[permissions::ON_CALL]);
    let shown = operate(&stage, &["status", "--group", "event-booking"]).ok();
    assert!(shown.stdout.contains("notification"), "{}", shown.stdout);
    project.write("main.tf", &hcl(&v1, &v1));
    permissions::restrict_stage(&stage, &[permissions::ALWAYS]);
    project.apply().ok();
    permissions::restrict_stage(&stage, &[permissions::ON_CALL]);
    let plan = project.run(&["output", "-raw", "recovery"]).ok().stdout;
    let folder = project.scratch();
    let (file, log) = (folder.join("plan.json"), folder.join("recoveries.jsonl"));
    std::fs::write(&file, plan).unwrap();
    drills(&stage, file.to_str().unwrap(), log.to_str().unwrap());
    assert_eq!(live(&stage), all_at(2));
    let again = operate(&stage, &["rollback", "--group", "event-booking", "--yes"]);
    assert_eq!(again.code, 2, "{}", again.stderr);

    permissions::restrict_stage(&stage, &[permissions::ALWAYS]);
    project.destroy().ok();
}

/// The same service in two regions, with a gate, and a group that deploys one region after the other.
fn two_regions(here: &str, there: &str) -> String {
    let service = |region: &str, definition: &str| {
        format!(
            r#"
resource "switchyard_blue_green_service" "{region}" {{
  name                  = "web"
  cluster               = "main"
  region                = "{region}"
  task_definition       = "{definition}"
  task_definition_owner = "external"
  launch_type           = "FARGATE"
  desired_count         = 1

  network_configuration {{
    subnets = ["subnet-1"]
  }}

  deployment {{
    strategy = "rolling"
  }}

  gate {{
    name       = "sound"
    when       = ["before_start", "after"]
    on_failure = "roll_back"

    dependency {{
      service = "web"
    }}
  }}
}}
"#
        )
    };
    let member = |region: &str, definition: &str| {
        format!(
            r#"
  member {{
    name            = "{region}"
    service         = switchyard_blue_green_service.{region}.arn
    task_definition = "{definition}"

    checks = jsonencode({{
      gate         = switchyard_blue_green_service.{region}.gate
      health_score = switchyard_blue_green_service.{region}.health_score
      deployment   = switchyard_blue_green_service.{region}.deployment
    }})
  }}
"#
        )
    };
    format!(
        r#"{HEAD}{}{}
resource "switchyard_service_group" "web" {{
  name                  = "web"
  region_order          = ["us-west-2", "eu-west-1"]
  pause_between_regions = "10m"
{}{}}}
"#,
        service("eu-west-1", "web:1"),
        service("us-west-2", "web:1"),
        member("eu-west-1", here),
        member("us-west-2", there),
    )
}

#[test]
fn regions_are_deployed_in_stages_with_the_gates_of_their_services() {
    let scene = Scene::new();
    let stage = &scene.stage;
    stage.task_definition("web", "web:v2");
    furnish(stage, "us-west-2");
    let live = |region: &str| {
        let input = json!({ "cluster": "main", "services": ["web"] });
        let lab = stage.lab();
        let answer = lab.call_in(Some(region), "ecs", "DescribeServices", input);
        let answer = answer.unwrap_or_else(|refused| panic!("{refused:?}"));
        let definition = answer["services"][0]["taskDefinition"].as_str();
        let definition = definition.unwrap_or_default().to_owned();
        definition.rsplit('/').next().unwrap_or_default().to_owned()
    };
    let both = || [live("eu-west-1"), live("us-west-2")];
    let project = stage.project(&two_regions("web:1", "web:1"));
    project.apply().ok();
    project.plans_nothing();

    project.write("main.tf", &two_regions("web:2", "web:2"));
    project.apply().ok();
    assert_eq!(both(), ["web:2", "web:2"]);
    let state = project.state("switchyard_service_group.web");
    assert_eq!(state["waves"], json!([["us-west-2"], ["eu-west-1"]]));
    assert_eq!(state["region"], "eu-west-1");
    project.plans_nothing();

    // One command finds both regions.
    let status = operate(stage, &["status", "--group", "web"]).ok();
    assert_eq!(
        status.stdout.matches("web:2").count(),
        2,
        "{}",
        status.stdout
    );
    let arguments = ["rollback", "--group", "web", "--yes", "--reason", "a drill"];
    operate(stage, &arguments).ok();
    assert_eq!(both(), ["web:1", "web:1"]);
    project.write("main.tf", &two_regions("web:1", "web:1"));
    project.plans_nothing();
    // The state, too, has what runs.
    project.apply().ok();

    // What is not well is not deployed: nothing is started in any region.
    let lab = stage.lab();
    let input = json!({ "cluster": "main", "service": "web", "desiredCount": 0 });
    let scaled = lab.call_in(Some("us-west-2"), "ecs", "UpdateService", input);
    scaled.unwrap_or_else(|refused| panic!("{refused:?}"));
    project.write("main.tf", &two_regions("web:2", "web:2"));
    let group = [
        "apply",
        "-auto-approve",
        "-target=switchyard_service_group.web",
        "-refresh=false",
    ];
    project
        .run(&group)
        .fails_saying(&["failed at member `us-west-2`", "Gate `sound`", "SY0310"]);
    assert_eq!(both(), ["web:1", "web:1"]);
}
