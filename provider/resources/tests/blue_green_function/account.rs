//! An account with functions, and a Terraform in front of it.

use serde_json::{Value as Json, json};
use switchyard_engine::ports::Ports;
use switchyard_resources::{Connect, ConnectError, Connection, Switchyard};
use switchyard_world::ports::Face;
use switchyard_world::{Service, World, WorldConfig};
use tfplugin::testing::{ApplyResult, Simulator};
use tfplugin::value::{Number, Value};

const REGION: &str = "eu-west-1";

/// The resource's address.
pub(crate) const LIVE: &str = "switchyard_blue_green_function.checkout";

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

    pub(crate) fn call(&self, service: Service, operation: &str, input: Json) -> Json {
        self.world
            .call(service, REGION, operation, input)
            .unwrap_or_else(|refused| panic!("{operation}: {refused}"))
    }

    /// Where the alias leads: main version, and the weight of the additional one.
    pub(crate) fn alias(&self, function: &str) -> Option<(String, Option<(String, f64)>)> {
        let input = json!({ "FunctionName": function, "Name": "live" });
        let found = self
            .world
            .call(Service::Lambda, REGION, "GetAlias", input)
            .ok()?;
        let weights = found["RoutingConfig"]["AdditionalVersionWeights"].as_object();
        let guest = weights.and_then(|weights| {
            let (version, weight) = weights.iter().next()?;
            Some((version.clone(), weight.as_f64().unwrap()))
        });
        let main = found["FunctionVersion"].as_str().unwrap();
        Some((main.to_owned(), guest))
    }

    /// Somebody else routes the alias.
    pub(crate) fn routes(&self, main: &str, weights: Json) {
        self.call(
            Service::Lambda,
            "UpdateAlias",
            json!({
                "FunctionName": "checkout", "Name": "live", "FunctionVersion": main,
                "RoutingConfig": { "AdditionalVersionWeights": weights },
            }),
        );
    }

    /// An alarm that is in this state until somebody sets another one.
    pub(crate) fn alarm(&self, name: &str, state: &str) {
        let alarm = json!({
            "AlarmName": name, "Namespace": "Shop", "MetricName": "Failed", "Statistic": "Sum", "Period": 60,
            "EvaluationPeriods": 1, "Threshold": 1.0, "ComparisonOperator": "GreaterThanThreshold",
            "TreatMissingData": "ignore",
        });
        self.call(Service::CloudWatch, "PutMetricAlarm", alarm);
        let state = json!({ "AlarmName": name, "StateValue": state, "StateReason": "a test" });
        self.call(Service::CloudWatch, "SetAlarmState", state);
    }

    pub(crate) async fn terraform(&self) -> Terraform {
        configured(self.ports.clone()).await
    }
}

pub(crate) async fn configured(ports: Ports) -> Terraform {
    let terraform = Simulator::new(Switchyard::new(Always(ports)));
    let ready = terraform.configure(object! {}).await;
    assert!(!ready.has_errors(), "{ready}");
    terraform
}

/// Ten percent for five minutes, then all of it for five minutes.
pub(crate) fn config(function: &str, version: &str) -> Value {
    object! {
        function_name: function,
        name: "live",
        function_version: version,
        strategy: "canary",
        canary: object! { percent: 10, interval: "5m" },
        bake_time: "5m",
        gate: Value::List(vec![object! {
            name: "answers",
            when: Value::set(["before_traffic"]),
            invoke: object! {
                payload: r#"{"test":true}"#,
                json: Value::map([("/status", r#""Succeeded""#)]),
            },
        }]),
    }
}

/// Runs a story in which something happens while Terraform works: after every step of the provider, which
/// may move the clock, the story gets its turn.
pub(crate) fn in_turns(story: impl Future<Output = ()>) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .event_interval(1)
        .build();
    runtime.unwrap().block_on(story);
}

/// Waits, without moving time, until `condition` holds. To be used [`in_turns`].
pub(crate) async fn until(condition: impl Fn() -> bool) {
    for _ in 0..10_000 {
        if condition() {
            return;
        }
        tokio::task::yield_now().await;
    }
    panic!("it never happens");
}

/// An apply that worked and said nothing.
#[track_caller]
pub(crate) fn sound(outcome: ApplyResult) -> Value {
    assert!(outcome.diagnostics.is_empty(), "{}", outcome.diagnostics);
    assert!(!outcome.tainted);
    outcome.state.expect("something is recorded")
}

/// One version alone.
#[track_caller]
pub(crate) fn leads_to(account: &Account, function: &str, version: &str) {
    assert_eq!(account.alias(function), Some((version.to_owned(), None)));
}

/// `traffic` of a state.
pub(crate) fn traffic(shares: &[(&str, &str)]) -> Value {
    Value::map(shares.iter().map(|(version, percent)| {
        let percent: Number = percent.parse().unwrap();
        (*version, Value::from(percent))
    }))
}
