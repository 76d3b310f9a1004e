//! The scenario `event-booking`: five services behind one load balancer, each scaled and deployed by itself.

use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use serde_json::{Value, json};
use switchyard_harness::{Project, Run, Stage};

/// A service, the part of the path that leads to it, and the bounds of its number of tasks.
const SERVICES: [(&str, &str, u64, u64); 5] = [
    ("auth", "auth", 2, 10),
    ("event", "events", 2, 10),
    ("notification", "notifications", 2, 10),
    ("payment", "payments", 3, 15),
    ("ticket", "tickets", 3, 15),
];

/// World time that one answered request lets pass: each service is asked every ten seconds.
const VISIT: Duration = Duration::from_secs(2);

/// The scenario on a lab of its own.
struct Booking {
    stage: Stage,
    project: Project,
    secret: String,
}

impl Booking {
    fn new() -> Self {
        let stage = Stage::new();
        let secret = secret(&stage, "provider-key");
        let scenario = crate::examples::folder().join("scenarios/event-booking");
        let project = crate::modules::copy(&stage, &scenario, "event-booking");
        let text = format!("secrets = {{ payment = {{ PROVIDER_KEY = {secret:?} }} }}\n");
        project.write("secrets.auto.tfvars", &text);
        Self {
            stage,
            project,
            secret,
        }
    }

    /// Every service gets the image of that name, except some.
    fn images(&self, tag: &str, except: &[(&str, &str)]) {
        let mut text = "images = {\n".to_owned();
        for (name, ..) in SERVICES {
            let other = except.iter().find(|(service, _)| *service == name);
            let tag = other.map_or(tag, |(_, tag)| tag);
            text += &format!("  {name} = \"{name}-service:{tag}\"\n");
        }
        self.project.write("images.auto.tfvars", &(text + "}\n"));
    }

    /// A command that does not ask AWS what it knows already.
    fn unrefreshed(&self, command: &str) -> Run {
        let options = [
            "-refresh=false",
            "-auto-approve",
            "-input=false",
            "-no-color",
        ];
        self.project.run(&[&[command], &options[..]].concat())
    }

    fn plans_nothing(&self) {
        let options = ["plan", "-detailed-exitcode", "-input=false", "-no-color"];
        self.project.run(&options).ok();
    }

    /// By service: what the scenario says is live.
    fn live(&self) -> Value {
        let run = self.project.run(&["output", "-json", "live"]).ok();
        serde_json::from_str(&run.stdout).unwrap()
    }

    fn service(&self, name: &str) -> Value {
        self.stage.service("event-booking", name)
    }

    /// Deployments of a service through CodeDeploy, newest first.
    fn deployments(&self, name: &str) -> Vec<Value> {
        let group = format!("event-booking-{name}");
        let input = json!({ "applicationName": "event-booking", "deploymentGroupName": group });
        let answer = self.stage.call("codedeploy", "ListDeployments", input);
        let ids = answer["deployments"].as_array().unwrap().iter();
        ids.map(|id| {
            let input = json!({ "deploymentId": id });
            self.stage.call("codedeploy", "GetDeployment", input)["deploymentInfo"].clone()
        })
        .collect()
    }

    /// Loopback address of the listener at a port.
    fn listener(&self, port: u16) -> (String, String) {
        let listeners = self.stage.lab().listeners().unwrap();
        let found = listeners.iter().find(|listener| listener.port == port);
        let found = found.unwrap_or_else(|| panic!("no listener at {port}"));
        let address = found.url.trim_start_matches("http://");
        (address.to_owned(), found.listener_arn.clone())
    }

    /// Target groups with traffic of the rule of a path, and their shares.
    fn weights(&self, path: &str) -> BTreeMap<String, u64> {
        let (_, listener) = self.listener(443);
        let answer = self
            .stage
            .call("elbv2", "DescribeRules", json!({ "ListenerArn": listener }));
        let rules = answer["Rules"].as_array().unwrap();
        let pattern = format!("/api/{path}/*");
        let rule = rules
            .iter()
            .find(|rule| rule["Conditions"].to_string().contains(&pattern))
            .unwrap();
        let groups = rule.pointer("/Actions/0/ForwardConfig/TargetGroups");
        let groups = groups.and_then(Value::as_array).unwrap().iter();
        groups
            .map(|group| {
                let arn = group["TargetGroupArn"].as_str().unwrap();
                (arn.to_owned(), group["Weight"].as_u64().unwrap())
            })
            .filter(|(_, weight)| *weight > 0)
            .collect()
    }

    /// The output, the rule's weights, the answers to visitors, and the number of tasks say the same.
    fn serves(&self, live: &Value, name: &str, path: &str, revision: u64, tasks: u64) {
        let live = &live[name];
        let family = format!("event-booking-{name}:{revision}");
        let task_definition = live["task_definition"].as_str().unwrap();
        assert!(task_definition.ends_with(&family), "{task_definition}");
        let weights = self.weights(path);
        let groups: Vec<_> = weights.keys().map(String::as_str).collect();
        assert_eq!(groups, [live["target_group"].as_str().unwrap()], "{name}");
        let (address, _) = self.listener(443);
        let answer = get(&address, &format!("/api/{path}/1"));
        assert_eq!(answer, (200, Some(family)));
        let service = self.service(name);
        assert_eq!(service["runningCount"], tasks, "{name}: {service}");
    }

    /// The number of tasks that the autoscaler has chosen, and enough work for them that it stays there. It is no
    /// drift, and deployments keep it.
    fn needs_more_tasks(&self, name: &str, tasks: u64) {
        let dimensions = json!([
            { "Name": "ClusterName", "Value": "event-booking" },
            { "Name": "ServiceName", "Value": name },
        ]);
        let at_its_target =
            json!({ "MetricName": "CPUUtilization", "Dimensions": dimensions, "Value": 69.0 });
        let data = json!({ "Namespace": "AWS/ECS", "MetricData": [at_its_target] });
        self.stage.call("cloudwatch", "PutMetricData", data);
        let more = json!({ "cluster": "event-booking", "service": name, "desiredCount": tasks });
        self.stage.call("ecs", "UpdateService", more);
    }

    fn visitors(&self) -> Visitors {
        Visitors::come(&self.listener(443).0, self.stage.lab().visitors(VISIT))
    }
}

/// A secret with a value, made by nobody of the scenario.
pub(crate) fn secret(stage: &Stage, name: &str) -> String {
    let body = json!({ "Name": name, "SecretString": "not in any state", "ClientRequestToken": "0".repeat(32) });
    let headers =
        "content-type: application/x-amz-json-1.1\r\nx-amz-target: secretsmanager.CreateSecret\r\n";
    let answer = ask(stage, "secretsmanager", headers, &body.to_string());
    first(&answer, "arn:aws:secretsmanager:")
}

/// A call of what is around the services, in its own protocol.
pub(crate) fn ask(stage: &Stage, service: &str, headers: &str, body: &str) -> String {
    let endpoint = stage.lab().endpoint();
    let address = endpoint.trim_start_matches("http://");
    let request = format!(
        "POST / HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n{headers}content-length: {}\r\n\
         authorization: AWS4-HMAC-SHA256 Credential=lab/20260101/eu-west-1/{service}/aws4_request, \
         SignedHeaders=host, Signature=0\r\n\r\n{body}",
        body.len()
    );
    exchange(address, &request)
}

/// The first word in an answer that starts so.
pub(crate) fn first(answer: &str, start: &str) -> String {
    let mut words = answer.split(['"', '<', '>']);
    let word = words.find(|word| word.starts_with(start));
    word.unwrap_or_else(|| panic!("no {start} in {answer}"))
        .to_owned()
}

/// Status and revision of an answer.
fn get(address: &str, path: &str) -> (u16, Option<String>) {
    let answer = exchange(
        address,
        &format!(
            "GET {path} HTTP/1.1\r\nhost: api.booking.example.com\r\nconnection: close\r\n\r\n"
        ),
    );
    let status = answer.split_whitespace().nth(1).unwrap_or_default();
    let revision = answer.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        let is_revision = name.eq_ignore_ascii_case("x-switchyard-revision");
        is_revision.then(|| value.trim().to_owned())
    });
    (status.parse().unwrap_or_default(), revision)
}

pub(crate) fn exchange(address: &str, request: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    String::from_utf8_lossy(&answer).into_owned()
}

/// How often each service answered with which status from which revision.
type Answers = BTreeMap<(&'static str, u16, Option<String>), usize>;

/// Somebody who asks all services in turn until told to stop.
struct Visitors {
    stop: Arc<AtomicBool>,
    thread: JoinHandle<Answers>,
}

impl Visitors {
    fn come(address: &str, counted: switchyard_lab::Visitors) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let (stopped, address) = (Arc::clone(&stop), address.to_owned());
        let thread = std::thread::spawn(move || {
            let mut answers = Answers::new();
            while !stopped.load(Ordering::Relaxed) {
                for (name, path, ..) in SERVICES {
                    let visit = counted.visit();
                    let (status, revision) = get(&address, &format!("/api/{path}/1"));
                    drop(visit);
                    *answers.entry((name, status, revision)).or_default() += 1;
                }
            }
            answers
        });
        Self { stop, thread }
    }

    /// By service: the revisions that answered. Every answer was a good one.
    fn leave(self) -> BTreeMap<&'static str, Vec<u64>> {
        self.stop.store(true, Ordering::Relaxed);
        let answers = self.thread.join().unwrap();
        let mut seen: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for ((name, status, revision), count) in answers {
            assert_eq!(status, 200, "{count} answers of {name}, {revision:?}");
            let revision = revision.unwrap();
            let (family, number) = revision.rsplit_once(':').unwrap();
            assert_eq!(family, format!("event-booking-{name}"));
            seen.entry(name).or_default().push(number.parse().unwrap());
        }
        seen
    }
}

/// Bounds and policies of every service are its own.
fn scales_each_service_by_itself(booking: &Booking) {
    let ask = |operation: &str| {
        let input = json!({ "ServiceNamespace": "ecs" });
        booking
            .stage
            .call("application-autoscaling", operation, input)
    };
    let id = |name: &str| format!("service/event-booking/{name}");
    let targets = ask("DescribeScalableTargets")["ScalableTargets"].clone();
    let policies = ask("DescribeScalingPolicies")["ScalingPolicies"].clone();
    for (name, _, min, max) in SERVICES {
        let mut all = targets.as_array().unwrap().iter();
        let target = all.find(|target| target["ResourceId"] == id(name)).unwrap();
        let bounds = (&target["MinCapacity"], &target["MaxCapacity"]);
        assert_eq!(bounds, (&json!(min), &json!(max)), "{name}");
        let all = policies.as_array().unwrap().iter();
        let own = all.filter(|policy| policy["ResourceId"] == id(name));
        let own: BTreeMap<_, _> = own
            .map(|policy| {
                let how = &policy["TargetTrackingScalingPolicyConfiguration"];
                let numbers = ["TargetValue", "ScaleOutCooldown", "ScaleInCooldown"];
                let numbers = numbers.map(|field| how[field].as_f64().unwrap());
                (policy["PolicyName"].as_str().unwrap(), numbers)
            })
            .collect();
        let expected = [
            ("cpu", [70.0, 60.0, 300.0]),
            ("memory", [80.0, 60.0, 300.0]),
        ];
        assert_eq!(own, BTreeMap::from(expected), "{name}");
    }
}

/// The secret of one service is in its task definition by reference, and nobody else has it.
fn keeps_secrets_as_references(booking: &Booking) {
    for (name, ..) in SERVICES {
        let input = json!({ "taskDefinition": format!("event-booking-{name}:1") });
        let answer = booking.stage.call("ecs", "DescribeTaskDefinition", input);
        let container = &answer["taskDefinition"]["containerDefinitions"][0];
        let reference = json!([{ "name": "PROVIDER_KEY", "valueFrom": booking.secret }]);
        let expected = if name == "payment" {
            reference
        } else {
            json!([])
        };
        let secrets = container.get("secrets").cloned();
        assert_eq!(secrets.unwrap_or_else(|| json!([])), expected, "{name}");
    }
}

/// What runs in a task is what the file of its service says, and its registry and alarms are there.
fn runs_what_the_files_say(booking: &Booking) {
    let input = json!({ "taskDefinition": "event-booking-ticket:1" });
    let answer = booking.stage.call("ecs", "DescribeTaskDefinition", input);
    let container = &answer["taskDefinition"]["containerDefinitions"][0];
    assert_eq!(container["name"], "ticket-service");
    assert_eq!(container["user"], "10001");
    assert_eq!(container["ulimits"][0]["softLimit"], 65536);
    assert_eq!(container["healthCheck"]["startPeriod"], 60);
    let environment = container["environment"].as_array().unwrap();
    let url = json!({ "name": "API_URL", "value": "https://api.booking.example.com/api" });
    assert!(environment.contains(&url), "{environment:?}");
    let input = json!({ "AlarmNamePrefix": "event-booking-payment-" });
    let answer = booking.stage.call("cloudwatch", "DescribeAlarms", input);
    let alarms = answer["MetricAlarms"].as_array().unwrap();
    assert!(alarms.len() >= 7, "{} alarms of one service", alarms.len());
}

/// A new version of all services at once: nobody misses an answer, and payments walk.
fn deploys_all_services_unnoticed(booking: &Booking) {
    booking.images("v2", &[]);
    let visitors = booking.visitors();
    booking.project.apply().ok();
    let seen = visitors.leave();
    for (name, ..) in SERVICES {
        assert_eq!(seen[name], [1, 2], "{name} was served by both");
        let deployments = booking.deployments(name);
        let config = match name {
            "payment" => "CodeDeployDefault.ECSCanary10Percent5Minutes",
            _ => "CodeDeployDefault.ECSAllAtOnce",
        };
        assert_eq!(deployments.len(), 1, "{name}");
        assert_eq!(deployments[0]["deploymentConfigName"], config, "{name}");
        assert_eq!(deployments[0]["status"], "Succeeded", "{name}");
    }
}

/// A version that answers health checks and nothing else: the smoke test keeps it away, and nothing else moves.
fn takes_back_one_broken_service(booking: &Booking, before: &Value) {
    booking.images("v2", &[("ticket", "v3--5xx-rate-100")]);
    let visitors = booking.visitors();
    booking.unrefreshed("apply").fails_saying(&[
        "Deployment of service `ticket` failed a gate and was rolled back; traffic is on revision event-booking-ticket:2",
        "Gate `smoke` has failed before traffic",
        "500",
    ]);
    let seen = visitors.leave();
    for (name, ..) in SERVICES {
        assert_eq!(seen[name], [2], "only the old version of {name} was seen");
        let deployments = booking.deployments(name).len();
        assert_eq!(deployments > 1, name == "ticket", "{name}: {deployments}");
    }
    assert_eq!(booking.live(), *before, "traffic is where it was");
}

#[test]
fn event_booking_from_first_apply_through_a_broken_version_to_destroy() {
    let booking = Booking::new();
    booking.images("v1", &[]);
    booking.project.apply().ok();
    let first = booking.live();
    for (name, path, min, _) in SERVICES {
        booking.serves(&first, name, path, 1, min);
    }
    assert_eq!(get(&booking.listener(443).0, "/admin").0, 404);
    assert_eq!(get(&booking.listener(80).0, "/api/auth/1").0, 301);
    scales_each_service_by_itself(&booking);
    keeps_secrets_as_references(&booking);
    runs_what_the_files_say(&booking);

    booking.needs_more_tasks("ticket", 5);
    booking.plans_nothing();

    deploys_all_services_unnoticed(&booking);
    let second = booking.live();
    for (name, path, min, _) in SERVICES {
        let tasks = if name == "ticket" { 5 } else { min };
        booking.serves(&second, name, path, 2, tasks);
        let side = |live: &Value| live[name]["target_group"].clone();
        assert_ne!(side(&first), side(&second), "{name} has swapped");
    }
    booking.plans_nothing();

    takes_back_one_broken_service(&booking, &second);
    booking.serves(&second, "ticket", "tickets", 2, 5);

    booking.images("v2", &[]);
    booking.unrefreshed("destroy").ok();
    crate::modules_ecs::leaves_nothing(&booking.stage);
}
