//! An account with nothing in it, and a Terraform in front of it.

use serde_json::{Value as Json, json};
use switchyard_engine::ports::Ports;
use switchyard_resources::{Connect, ConnectError, Connection, Switchyard};
use switchyard_world::ports::Face;
use switchyard_world::{Service, World, WorldConfig};
use tfplugin::testing::{ApplyResult, Simulator};
use tfplugin::value::Value;

const REGION: &str = "eu-west-1";

/// Addresses.
pub(crate) const ALARMS: &str = "switchyard_alarm_set.web";
pub(crate) const BOARD: &str = "switchyard_dashboard.web";

pub(crate) const BALANCER: &str =
    "arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/app/web/1";
pub(crate) const BLUE: &str =
    "arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/web-blue/1";
pub(crate) const GREEN: &str =
    "arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/web-green/2";

/// An in-process Terraform around the provider.
pub(crate) type Terraform = Simulator<Switchyard>;

/// `object! { name: "web", desired_count: 2 }`.
macro_rules! object {
    ($($name:ident: $value:expr),* $(,)?) => {
        tfplugin::value::Value::object::<&str, tfplugin::value::Value>([
            $((stringify!($name), tfplugin::value::Value::from($value))),*
        ])
    };
}
pub(crate) use object;

/// Gives the same ports whatever the provider block says.
struct Always(Ports);

impl Connect for Always {
    fn connect(&self, _: &Connection) -> Result<Ports, ConnectError> {
        Ok(self.0.clone())
    }
}

pub(crate) struct Account {
    pub(crate) ports: Ports,
    pub(crate) world: World,
}

impl Account {
    pub(crate) fn new() -> Self {
        let world = World::new(WorldConfig::default());
        Self {
            ports: Face::new(world.clone(), REGION).ports(),
            world,
        }
    }

    /// For [`Intercept::keeping`](switchyard_support::intercept::Intercept::keeping).
    pub(crate) fn as_it_is(&self) -> impl Fn() -> Ports + Send + Sync + use<> {
        let world = self.world.clone();
        move || Face::new(world.copy(), REGION).ports()
    }

    pub(crate) fn call(&self, operation: &str, input: Json) -> Json {
        self.world
            .call(Service::CloudWatch, REGION, operation, input)
            .unwrap_or_else(|refused| panic!("{operation}: {refused}"))
    }

    /// Every alarm, by name.
    pub(crate) fn alarms(&self) -> Vec<Json> {
        let types = json!({ "AlarmTypes": ["MetricAlarm", "CompositeAlarm"] });
        let found = self.call("DescribeAlarms", types);
        let of = |kind: &str| found[kind].as_array().unwrap().clone();
        let mut all = of("MetricAlarms");
        all.extend(of("CompositeAlarms"));
        all.sort_by_key(|alarm| alarm["AlarmName"].as_str().unwrap().to_owned());
        all
    }

    pub(crate) fn names(&self) -> Vec<String> {
        let alarms = self.alarms().into_iter();
        alarms.map(|alarm| text(&alarm["AlarmName"])).collect()
    }

    #[track_caller]
    pub(crate) fn alarm(&self, name: &str) -> Json {
        let found = self.alarms().into_iter().find(|it| it["AlarmName"] == name);
        found.unwrap_or_else(|| panic!("there is no {name}"))
    }

    /// Somebody changes members of an alarm.
    pub(crate) fn change(&self, name: &str, changes: &Json) {
        let mut alarm = self.alarm(name);
        let members = alarm.as_object_mut().unwrap();
        members.retain(|member, _| !member.starts_with("State") && member != "AlarmArn");
        members.remove("AlarmConfigurationUpdatedTimestamp");
        members.extend(changes.as_object().unwrap().clone());
        self.call("PutMetricAlarm", alarm);
    }

    /// Tags of an alarm.
    pub(crate) fn tags(&self, name: &str) -> Vec<(String, String)> {
        let arn = json!({ "ResourceARN": self.alarm(name)["AlarmArn"] });
        let found = self.call("ListTagsForResource", arn);
        let tags = found["Tags"].as_array().unwrap().iter();
        tags.map(|tag| (text(&tag["Key"]), text(&tag["Value"])))
            .collect()
    }

    /// The body of the dashboard.
    pub(crate) fn body(&self, name: &str) -> Json {
        let found = self.call("GetDashboard", json!({ "DashboardName": name }));
        serde_json::from_str(found["DashboardBody"].as_str().unwrap()).unwrap()
    }

    pub(crate) async fn terraform(&self) -> Terraform {
        configured(self.ports.clone()).await
    }
}

pub(crate) fn text(value: &Json) -> String {
    value.as_str().unwrap().to_owned()
}

/// A Terraform before these ports.
pub(crate) async fn configured(ports: Ports) -> Terraform {
    let terraform = Simulator::new(Switchyard::new(Always(ports)));
    let said = terraform.configure(object! {}).await;
    assert!(said.is_empty(), "{said}");
    terraform
}

pub(crate) fn tags(pairs: &[(&str, &str)]) -> Value {
    Value::map(pairs.iter().map(|(key, value)| (*key, *value)))
}

/// Alarms of a service with two sides.
pub(crate) fn alarms() -> Value {
    object! {
        name: "shop",
        cluster: "main",
        service: "web",
        load_balancer: BALANCER,
        target_groups: Value::list([BLUE, GREEN]),
        critical_topics: Value::set(["arn:aws:sns:eu-west-1:123456789012:page"]),
        warning_topics: Value::set(["arn:aws:sns:eu-west-1:123456789012:chat"]),
        tags: tags(&[("team", "shop")]),
    }
}

/// The dashboard of the same service.
pub(crate) fn board() -> Value {
    object! {
        name: "shop",
        cluster: "main",
        service: "web",
        load_balancer: BALANCER,
        target_groups: Value::list([BLUE, GREEN]),
        metric: Value::list([object! { graph: "Orders", namespace: "Shop", name: "Placed" }]),
    }
}

/// The state of an apply that worked without a warning.
#[track_caller]
pub(crate) fn sound(outcome: ApplyResult) -> Value {
    assert!(outcome.diagnostics.is_empty(), "{}", outcome.diagnostics);
    assert!(!outcome.tainted);
    outcome.state.expect("something is recorded")
}

/// Planning the same again changes nothing and says nothing.
pub(crate) async fn is_settled(terraform: &Terraform, address: &str, config: &Value) {
    let plan = terraform.plan(address, config.clone()).await;
    assert!(plan.diagnostics.is_empty(), "{}", plan.diagnostics);
    assert_eq!(plan.planned, plan.prior);
}
