//! What exists in the account and is in no state.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use switchyard_cli::{ListAccount, Listed, Outside};
use switchyard_engine::ports::{LiveObject, ObjectFamily, ObjectKind};

use super::{FORMATS, NOW, blame, metrics, notices, run_at};

type Tags = BTreeMap<String, BTreeMap<String, String>>;

/// An account that nobody is to look at.
pub(crate) struct Closed;

impl ListAccount for Closed {
    fn list(&self) -> Listed {
        let all = ObjectFamily::ALL.into_iter();
        all.map(|family| (family, Err("nobody was to look".to_owned())))
            .collect()
    }

    fn tags(&self, _: ObjectFamily, _: &[String]) -> Result<Tags, String> {
        Err("nobody was to look".to_owned())
    }
}

/// An account with these objects, and a family that may not be listed.
#[derive(Default)]
struct Account {
    objects: Vec<LiveObject>,
    tags: Tags,
    denied: Option<ObjectFamily>,
}

impl ListAccount for Account {
    fn list(&self) -> Listed {
        let of = |family: ObjectFamily| match self.denied == Some(family) {
            true => Err("the credentials lack x:List".to_owned()),
            false => {
                let objects = self.objects.iter();
                let objects = objects.filter(|object| object.kind.family() == family);
                Ok(objects.cloned().collect())
            }
        };
        let all = ObjectFamily::ALL.into_iter();
        all.map(|family| (family, of(family))).collect()
    }

    fn tags(&self, _: ObjectFamily, arns: &[String]) -> Result<Tags, String> {
        let tags = arns.iter();
        let tags = tags.filter_map(|arn| Some((arn.clone(), self.tags.get(arn)?.clone())));
        Ok(tags.collect())
    }
}

fn arn(service: &str, rest: &str) -> String {
    format!("arn:aws:{service}:eu-west-1:123456789012:{rest}")
}

fn object(kind: ObjectKind, arn: &str, name: &str) -> LiveObject {
    LiveObject {
        kind,
        arn: arn.to_owned(),
        name: name.to_owned(),
        cluster: None,
        uses: [].into(),
        tags: None,
    }
}

fn service(name: &str) -> LiveObject {
    LiveObject {
        cluster: Some(name.split('/').next().unwrap().to_owned()),
        tags: Some([("team".to_owned(), "shop".to_owned())].into()),
        ..object(
            ObjectKind::Service,
            &arn("ecs", &format!("service/{name}")),
            name,
        )
    }
}

fn elb(rest: &str) -> String {
    arn("elasticloadbalancing", rest)
}

const LISTENER: &str = "listener/app/main/1/2";

fn rule(name: &str, leads_to: &str) -> LiveObject {
    let uses = [elb(LISTENER), elb(leads_to)];
    LiveObject {
        uses: uses.into(),
        ..object(
            ObjectKind::Rule,
            &elb(&format!("listener-rule/{name}")),
            "priority 7",
        )
    }
}

fn group(name: &str) -> LiveObject {
    object(
        ObjectKind::TargetGroup,
        &elb(&format!("targetgroup/{name}/1")),
        name,
    )
}

/// A plan whose state has these resources.
fn stated(resources: &[(&str, Value)]) -> String {
    let resources: Value = resources
        .iter()
        .map(|(resource_type, values)| {
            json!({"address": format!("{resource_type}.it"), "mode": "managed", "type": resource_type, "values": values})
        })
        .collect();
    json!({"format_version": "1.2", "planned_values": {}, "configuration": {"root_module": {}},
        "prior_state": {"values": {"root_module": {"child_modules": [{"resources": resources}]}}}})
    .to_string()
}

/// A state with a cluster, one service of each provider and what they stand behind.
fn ours() -> String {
    stated(&[
        (
            "aws_ecs_cluster",
            json!({"arn": arn("ecs", "cluster/main")}),
        ),
        (
            "aws_ecs_service",
            json!({"id": arn("ecs", "service/main/web")}),
        ),
        (
            "switchyard_blue_green_service",
            json!({"arn": arn("ecs", "service/main/api")}),
        ),
        ("aws_lb_listener", json!({"arn": elb(LISTENER)})),
        (
            "aws_lb_target_group",
            json!({"arn": elb("targetgroup/web/1")}),
        ),
        (
            "switchyard_scaling_policy_set",
            json!({"arn": arn("application-autoscaling", "scalable-target/1"), "policy_arns": {"cpu": arn("autoscaling", "policy/1")}}),
        ),
        (
            "switchyard_alarm_set",
            json!({"arns": {"errors": arn("cloudwatch", "alarm:errors")}}),
        ),
        (
            "aws_cloudwatch_log_group",
            json!({"arn": arn("logs", "log-group:/web:*")}),
        ),
    ])
}

/// What those states have in the account.
fn managed() -> Vec<LiveObject> {
    let task_set = LiveObject {
        uses: [arn("ecs", "service/main/api")].into(),
        ..object(
            ObjectKind::TaskSet,
            &arn("ecs", "task-set/main/api/ecs-svc/1"),
            "main/api/ecs-svc/1",
        )
    };
    let policy = LiveObject {
        uses: [arn("cloudwatch", "alarm:TargetTracking-1")].into(),
        ..object(
            ObjectKind::ScalingPolicy,
            &arn("autoscaling", "policy/1"),
            "main/api/cpu",
        )
    };
    vec![
        object(ObjectKind::Cluster, &arn("ecs", "cluster/main"), "main"),
        service("main/web"),
        service("main/api"),
        task_set,
        object(ObjectKind::Listener, &elb(LISTENER), "HTTP:80"),
        group("web"),
        object(
            ObjectKind::ScalableTarget,
            &arn("application-autoscaling", "scalable-target/1"),
            "main/api",
        ),
        policy,
        object(
            ObjectKind::Alarm,
            &arn("cloudwatch", "alarm:TargetTracking-1"),
            "TargetTracking-1",
        ),
        object(
            ObjectKind::Alarm,
            &arn("cloudwatch", "alarm:errors"),
            "errors",
        ),
        object(ObjectKind::LogGroup, &arn("logs", "log-group:/web"), "/web"),
    ]
}

fn with(strays: Vec<LiveObject>) -> Account {
    Account {
        objects: [managed(), strays].concat(),
        ..Account::default()
    }
}

fn look(input: &str, arguments: &[&str], account: &Account) -> (u8, String, String) {
    let outside = Outside {
        metrics: &metrics::Unreachable,
        trail: &blame::Silent,
        notices: &notices::Deaf,
        account,
    };
    let all = [&["--unmanaged"], arguments].concat();
    run_at(input.as_bytes(), &all, &outside, NOW)
}

/// Code, and each object with its severity.
fn found(account: &Account, arguments: &[&str]) -> (u8, Vec<String>) {
    let all = [&["--format", "json"], arguments].concat();
    let (code, out, _) = look(&ours(), &all, account);
    let report: Value = serde_json::from_str(&out).unwrap();
    let found = report["drift"].as_array().unwrap().iter();
    let found = found.map(|found| {
        assert_eq!(found["event"], "unmanaged");
        let text = |key: &str| found[key].as_str().unwrap().to_owned();
        format!("{} {}", text("severity"), text("object"))
    });
    (code, found.collect())
}

#[test]
fn what_the_states_have_is_not_listed() {
    assert_eq!(found(&with(Vec::new()), &[]), (0, Vec::new()));
}

#[test]
fn an_object_that_no_state_has_is_found_and_weighed() {
    let in_use = LiveObject {
        uses: [elb("loadbalancer/app/main/1")].into(),
        ..group("used")
    };
    let strays = vec![
        group("extra"),
        in_use,
        service("other/extra"),
        rule("1", "targetgroup/extra/1"),
        object(ObjectKind::LogGroup, &arn("logs", "log-group:/old"), "/old"),
    ];
    assert_eq!(
        found(&with(strays.clone()), &[]),
        (
            3,
            [
                "major service other/extra",
                "critical listener rule with priority 7",
                "minor target group extra",
                "major target group used",
                "minor log group /old",
            ]
            .map(str::to_owned)
            .to_vec()
        )
    );
    for format in FORMATS {
        let (code, out, _) = look(&ours(), &["--format", format], &with(strays.clone()));
        assert_eq!(code, 3, "{format}");
        // Titles of GitHub's annotations have no colons.
        let out = out.replace("%3A", ":");
        for stray in &strays {
            assert!(out.contains(&stray.arn), "{format}: {} in {out}", stray.arn);
        }
    }
    let (_, out, _) = look(&ours(), &[], &with(strays));
    for line in [
        "critical arn:aws:elasticloadbalancing:eu-west-1:123456789012:listener-rule/1",
        "  listener rule with priority 7, which no state has [unmanaged.traffic]",
        "terraform import aws_ecs_service.NAME 'other/extra'",
        "aws ecs delete-service --cluster 'other' --service 'extra' --force",
    ] {
        assert!(out.contains(line), "{line} in {out}");
    }
}

/// Of others' clusters and teams nothing is shown, of ours everything, also what has neither.
#[test]
fn a_shared_account_is_narrowed_by_clusters_and_tags() {
    let mut account = with(vec![
        service("main/extra"),
        service("other/extra"),
        rule("1", "targetgroup/other/1"),
        group("tagged"),
        group("other"),
    ]);
    let team = || BTreeMap::from([("team".to_owned(), "shop".to_owned())]);
    account.tags = [(elb("targetgroup/tagged/1"), team())].into();
    let rule = "critical listener rule with priority 7".to_owned();
    let extra = |cluster: &str| format!("major service {cluster}/extra");
    let tagged = "minor target group tagged".to_owned();
    assert_eq!(
        found(&account, &["--unmanaged-cluster", "main"]).1,
        [extra("main"), rule.clone()]
    );
    for tag in ["team", "team=shop"] {
        assert_eq!(
            found(&account, &["--unmanaged-tag", tag]).1,
            [extra("main"), extra("other"), rule.clone(), tagged.clone()]
        );
    }
    let narrowed = [
        "--unmanaged-tag",
        "team=other",
        "--unmanaged-cluster",
        "main",
    ];
    assert_eq!(found(&account, &narrowed).1, [rule]);
}

#[test]
fn what_may_not_be_listed_is_one_sentence_and_never_passes_as_clean() {
    let mut account = with(vec![group("extra")]);
    account.denied = Some(ObjectFamily::CodeDeploy);
    let (code, out, errors) = look(&ours(), &[], &account);
    let sentence = "Unmanaged objects were not looked for among CodeDeploy applications and groups (the credentials lack \
                    x:List).";
    assert_eq!(code, 4);
    assert_eq!(out.matches(sentence).count(), 1, "{out}");
    assert!(
        out.contains("Not all unmanaged objects were looked for"),
        "{out}"
    );
    assert!(out.contains("target group extra"), "{out}");
    assert_eq!(errors, "");
    assert_eq!(look(&ours(), &["--allow-partial"], &account).0, 2);
    for format in FORMATS {
        let (code, out, _) = look(&ours(), &["--format", format], &account);
        assert_eq!(code, 4, "{format}");
        assert!(
            out.contains("not looked for among CodeDeploy"),
            "{format}: {out}"
        );
    }
}

#[test]
fn objects_are_allowed_and_accepted() {
    let account = with(vec![group("extra"), service("main/extra")]);
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let config = json!({
        "attributes": [{"type": "aws_lb_target_group", "attribute": "(object)", "severity": "expected"}],
        "allow": [
            {"address": "*:service/main/*", "attribute": "(object)", "reason": "test", "expires": "2026-03-31"},
            {"address": "*:service/gone/*", "attribute": "(object)", "reason": "test", "expires": "2026-03-31"},
        ],
    });
    std::fs::write(path("gate.json"), config.to_string()).unwrap();
    let (code, out, _) = look(&ours(), &["--config", &path("gate.json")], &account);
    assert_eq!(code, 0, "{out}");
    assert!(out.contains("until 2026-03-31: test"), "{out}");
    assert_eq!(out.matches("fits no drift").count(), 1, "{out}");
    // Without a look nobody knows whether it is needed.
    let (code, out, _) = super::gate(ours().as_bytes(), &["--config", &path("gate.json")]);
    assert_eq!(code, 0);
    assert!(!out.contains("fits no drift"), "{out}");

    let baseline = path("baseline.json");
    let accept = ["--baseline", &baseline, "--accept", "of the other team"];
    assert_eq!(look(&ours(), &accept, &account).0, 0);
    let baselined = ["--baseline", baseline.as_str()];
    assert_eq!(look(&ours(), &baselined, &account).0, 0);
    let more = with(vec![
        group("extra"),
        service("main/extra"),
        service("main/more"),
    ]);
    assert_eq!(look(&ours(), &baselined, &more).0, 2);
    // What is accepted without a look keeps what was accepted with one.
    let again = ["--baseline", &baseline, "--accept", "nothing"];
    assert_eq!(super::gate(ours().as_bytes(), &again).0, 0);
    assert_eq!(look(&ours(), &baselined, &account).0, 0);
}

#[test]
fn several_plans_share_the_account() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let one = file("a.json", &ours());
    let other = stated(&[(
        "aws_ecs_service",
        json!({"arn": arn("ecs", "service/main/extra")}),
    )]);
    let two = file("b.json", &other);
    let account = with(vec![service("main/extra"), group("extra")]);
    let (code, out, _) = look("", &[&one, &two], &account);
    assert_eq!(code, 2, "{out}");
    assert!(
        out.contains("2 plans and the account: 1 below the threshold, 2 without drift"),
        "{out}"
    );
    assert!(out.contains("target group extra"), "{out}");
    assert!(!out.contains("service main/extra"), "{out}");

    // What a plan that cannot be read has would be taken for unmanaged.
    let broken = file("c.json", "{");
    let (code, out, _) = look("", &[&one, &broken], &account);
    assert_eq!(code, 1);
    assert!(out.contains("it is not known what"), "{out}");
    assert!(!out.contains("which no state has"), "{out}");
}
