//! Parts of a service that are passed on whole: they are compared, and never looked into, so that nothing in them is
//! lost that this build does not know.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::TaskSetStatus;

open_words::words! {
    /// `schedulingStrategy`.
    pub enum SchedulingStrategy {
        /// One task on each container instance.
        Daemon = "DAEMON",
        /// As many tasks as are desired.
        Replica = "REPLICA",
    }
}

/// A part of a service that means nothing to a rollout.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Part {
    /// A Classic Load Balancer: `loadBalancers` without target groups.
    ClassicBalancer,
    /// Where new tasks may run.
    PlacementConstraints,
    /// How new tasks are spread, in this order.
    PlacementStrategy,
    /// A number of tasks, or one on each container instance. A service keeps what it was created with.
    Scheduling,
    /// Service Connect.
    ServiceConnect,
    /// Cloud Map.
    ServiceRegistries,
    /// EBS volumes of the tasks.
    Volumes,
    /// Target groups of VPC Lattice.
    VpcLattice,
    /// Whether ECS evens out tasks across zones.
    ZoneRebalancing,
}

/// Parts in AWS's own JSON. In a wish, a part that is absent is left alone, and an empty one is taken away; in what AWS
/// shows, a part that is absent is none.
pub type Parts = BTreeMap<Part, Value>;

impl Part {
    /// Every part.
    pub const ALL: [Self; 9] = [
        Self::ClassicBalancer,
        Self::PlacementConstraints,
        Self::PlacementStrategy,
        Self::Scheduling,
        Self::ServiceConnect,
        Self::ServiceRegistries,
        Self::Volumes,
        Self::VpcLattice,
        Self::ZoneRebalancing,
    ];

    /// AWS's name of it in CreateService, UpdateService and all answers.
    pub fn member(self) -> &'static str {
        match self {
            Self::ClassicBalancer => "loadBalancers",
            Self::PlacementConstraints => "placementConstraints",
            Self::PlacementStrategy => "placementStrategy",
            Self::Scheduling => "schedulingStrategy",
            Self::ServiceConnect => "serviceConnectConfiguration",
            Self::ServiceRegistries => "serviceRegistries",
            Self::Volumes => "volumeConfigurations",
            Self::VpcLattice => "vpcLatticeConfigurations",
            Self::ZoneRebalancing => "availabilityZoneRebalancing",
        }
    }

    /// Whether every revision has its own, so that a change starts a rollout.
    pub fn is_of_revision(self) -> bool {
        match self {
            Self::ClassicBalancer
            | Self::ServiceConnect
            | Self::ServiceRegistries
            | Self::Volumes
            | Self::VpcLattice => true,
            Self::PlacementConstraints
            | Self::PlacementStrategy
            | Self::Scheduling
            | Self::ZoneRebalancing => false,
        }
    }

    /// Whether UpdateService takes it.
    pub fn is_changeable(self) -> bool {
        match self {
            Self::Scheduling => false,
            Self::ClassicBalancer
            | Self::PlacementConstraints
            | Self::PlacementStrategy
            | Self::ServiceConnect
            | Self::ServiceRegistries
            | Self::Volumes
            | Self::VpcLattice
            | Self::ZoneRebalancing => true,
        }
    }

    /// What takes it away, in AWS's words; `None` where a service always has one.
    pub fn nothing(self) -> Option<Value> {
        match self {
            Self::ClassicBalancer
            | Self::PlacementConstraints
            | Self::PlacementStrategy
            | Self::ServiceRegistries
            | Self::Volumes
            | Self::VpcLattice => Some(json!([])),
            Self::ServiceConnect => Some(json!({ "enabled": false })),
            Self::Scheduling | Self::ZoneRebalancing => None,
        }
    }

    /// Whether `live` is not what is wanted. What AWS fills in where nothing is said is no difference in a revision.
    pub fn differs(self, wanted: &Value, live: Option<&Value>) -> bool {
        let live = live.filter(|value| !is_nothing(value));
        match (is_nothing(wanted), live) {
            (true, found) => found.is_some(),
            (false, None) => true,
            (false, Some(live)) if self.is_of_revision() => !covers(wanted, live),
            (false, Some(live)) => !self.covers_in_order(wanted, live),
        }
    }

    /// Both say the same; the order means something in a placement strategy only.
    fn covers_in_order(self, wanted: &Value, live: &Value) -> bool {
        match (self, wanted, live) {
            (Self::PlacementStrategy, Value::Array(wanted), Value::Array(live)) => {
                wanted.len() == live.len()
                    && wanted
                        .iter()
                        .zip(live)
                        .all(|(wanted, live)| placement_item(wanted) == placement_item(live))
            }
            (_, wanted, live) => covers(wanted, live) && covers(live, wanted),
        }
    }
}

/// AWS writes fields in lower case, and `instanceId` for `host`.
fn placement_item(item: &Value) -> (String, String) {
    let text = |name: &str| {
        let found = item.get(name).and_then(Value::as_str);
        found.unwrap_or_default().to_owned()
    };
    let field = text("field");
    let field = match field.to_ascii_lowercase().as_str() {
        "host" | "instanceid" => "instanceId".to_owned(),
        lower @ ("cpu" | "memory") => lower.to_owned(),
        _ => field,
    };
    (text("type"), field)
}

/// Whether a part says that there is none.
pub fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(items) => items.is_empty(),
        Value::Object(members) => {
            members.is_empty() || members.get("enabled") == Some(&Value::Bool(false))
        }
        Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
    }
}

/// Whether everything that is wanted is there. Lists are compared without order.
pub fn covers(wanted: &Value, live: &Value) -> bool {
    match (wanted, live) {
        (Value::Object(wanted), Value::Object(live)) => {
            wanted.iter().all(|(name, wanted)| match live.get(name) {
                Some(live) => covers(wanted, live),
                None => is_empty(wanted),
            })
        }
        (Value::Array(wanted), Value::Array(live)) => {
            let mut left: Vec<&Value> = live.iter().collect();
            wanted.len() == live.len()
                && wanted.iter().all(|wanted| {
                    let position = left.iter().position(|found| covers(wanted, found));
                    position
                        .map(|position| left.swap_remove(position))
                        .is_some()
                })
        }
        (Value::Number(wanted), Value::Number(live)) => wanted.as_f64() == live.as_f64(),
        (wanted, live) => wanted == live,
    }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(items) => items.is_empty(),
        Value::Object(members) => members.is_empty(),
        Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
    }
}

/// Whether they are of a service that runs one task on each container instance, so that nobody decides on a number.
pub fn is_daemon(parts: &Parts) -> bool {
    let word = parts.get(&Part::Scheduling).and_then(Value::as_str);
    word.map(SchedulingStrategy::parse) == Some(SchedulingStrategy::Daemon)
}

/// Whether any part that is wanted is not there.
pub fn parts_differ(wanted: &Parts, live: &Parts) -> bool {
    wanted
        .iter()
        .any(|(part, wanted)| part.differs(wanted, live.get(part)))
}

/// The parts among the members of a service, a revision, a deployment or a task set.
pub fn parts_of(members: &Map<String, Value>) -> Parts {
    let found = Part::ALL.into_iter().filter_map(|part| {
        let value = filled(part, members.get(part.member())?.clone());
        (!is_nothing(&value)).then_some((part, value))
    });
    found.collect()
}

/// With the file system that ECS makes where none is said, and without load balancers of another kind.
fn filled(part: Part, mut value: Value) -> Value {
    if part == Part::ClassicBalancer
        && let Some(all) = value.as_array_mut()
    {
        all.retain(|one| one.get(CLASSIC).is_some_and(Value::is_string));
    }
    if part == Part::Volumes {
        let volumes = value.as_array_mut().into_iter().flatten();
        for ebs in volumes.filter_map(|volume| volume.get_mut("managedEBSVolume")) {
            if let Some(ebs) = ebs.as_object_mut() {
                ebs.entry("filesystemType").or_insert_with(|| json!("xfs"));
            }
        }
    }
    value
}

/// What names a Classic Load Balancer.
const CLASSIC: &str = "loadBalancerName";

/// A Classic Load Balancer and what it sends traffic to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClassicBalancer {
    /// Its name.
    pub name: String,
    /// Container name.
    pub container: String,
    /// Container port.
    pub port: u32,
}

impl ClassicBalancer {
    /// The one among the parts: a service has one at most.
    #[must_use]
    pub fn of(parts: &Parts) -> Option<Self> {
        let one = parts.get(&Part::ClassicBalancer)?.as_array()?.first()?;
        let text = |name: &str| Some(one.get(name)?.as_str()?.to_owned());
        Some(Self {
            name: text(CLASSIC)?,
            container: text("containerName").unwrap_or_default(),
            port: one
                .get("containerPort")
                .and_then(Value::as_u64)
                .and_then(|port| u32::try_from(port).ok())
                .unwrap_or_default(),
        })
    }

    /// The part that says so.
    #[must_use]
    pub fn part(&self) -> Value {
        json!([{ CLASSIC: self.name, "containerName": self.container, "containerPort": self.port }])
    }
}

/// The parts of a service as DescribeServices shows it: what its tasks have stands at the primary deployment, or at the
/// primary task set.
pub fn parts_of_service(members: &Map<String, Value>) -> Parts {
    let mut parts = parts_of(members);
    for list in ["deployments", "taskSets"] {
        let primary = members.get(list).and_then(Value::as_array);
        let primary = primary.into_iter().flatten().find_map(|one| {
            let one = one.as_object()?;
            let status = TaskSetStatus::parse(one.get("status")?.as_str()?);
            (status == TaskSetStatus::Primary).then_some(one)
        });
        parts.extend(primary.map(parts_of).unwrap_or_default());
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_aws_fills_in_is_no_difference_in_a_revision() {
        let wanted =
            json!([{ "name": "data", "managedEBSVolume": { "roleArn": "r", "sizeInGiB": 20 } }]);
        let live = json!([{ "name": "data", "managedEBSVolume":
            { "roleArn": "r", "sizeInGiB": 20.0, "volumeType": "gp3", "tagSpecifications": [] } }]);
        assert!(!Part::Volumes.differs(&wanted, Some(&live)));
        assert!(Part::Volumes.differs(&live, Some(&wanted)));
        let other =
            json!([{ "name": "data", "managedEBSVolume": { "roleArn": "r", "sizeInGiB": 21 } }]);
        assert!(Part::Volumes.differs(&other, Some(&live)));
        assert!(Part::Volumes.differs(&wanted, None));
    }

    #[test]
    fn lists_have_no_order_except_in_a_placement_strategy() {
        let item = |kind: &str, field: &str| json!({ "type": kind, "field": field });
        let one = json!([item("spread", "host"), item("binpack", "MEMORY")]);
        let same = json!([item("spread", "instanceId"), item("binpack", "memory")]);
        let turned = json!([item("binpack", "memory"), item("spread", "instanceId")]);
        assert!(!Part::PlacementStrategy.differs(&one, Some(&same)));
        assert!(Part::PlacementStrategy.differs(&one, Some(&turned)));
        assert!(!Part::PlacementConstraints.differs(&turned, Some(&same)));
        // In place, everything is what the configuration says.
        assert!(Part::PlacementConstraints.differs(
            &json!([{ "type": "distinctInstance" }]),
            Some(&json!([{ "type": "distinctInstance", "expression": "x" }]))
        ));
    }

    #[test]
    fn a_part_that_is_switched_off_is_none() {
        let off = json!({ "enabled": false });
        assert!(!Part::ServiceConnect.differs(&off, None));
        assert!(
            !Part::ServiceConnect
                .differs(&off, Some(&json!({ "enabled": false, "namespace": "n" })))
        );
        assert!(Part::ServiceConnect.differs(&off, Some(&json!({ "enabled": true }))));
        for part in Part::ALL {
            let nothing = part.nothing();
            assert!(
                nothing.is_none_or(|nothing| is_nothing(&nothing)),
                "{part:?}"
            );
        }
    }

    #[test]
    fn only_a_load_balancer_with_a_name_is_a_classic_one() {
        let shown = |balancer: Value| json!({ "loadBalancers": [balancer] });
        let behind =
            json!({ "targetGroupArn": "arn:blue", "containerName": "app", "containerPort": 80 });
        assert_eq!(parts_of(shown(behind).as_object().unwrap()), Parts::new());
        let classic = ClassicBalancer {
            name: "shop".to_owned(),
            container: "app".to_owned(),
            port: 80,
        };
        let found = parts_of(shown(classic.part()[0].clone()).as_object().unwrap());
        assert_eq!(ClassicBalancer::of(&found), Some(classic));
    }

    #[test]
    fn parts_stand_at_the_service_and_at_what_is_primary() {
        let described = json!({
            "schedulingStrategy": "REPLICA",
            "placementStrategy": [],
            "deployments": [
                { "status": "ACTIVE", "serviceConnectConfiguration": { "enabled": true, "namespace": "old" } },
                { "status": "PRIMARY", "serviceConnectConfiguration": { "enabled": true, "namespace": "new" } },
            ],
            "taskSets": [{ "status": "PRIMARY", "serviceRegistries": [{ "registryArn": "a" }] }],
        });
        let found = parts_of_service(described.as_object().unwrap());
        let expected = Parts::from([
            (Part::Scheduling, json!("REPLICA")),
            (
                Part::ServiceConnect,
                json!({ "enabled": true, "namespace": "new" }),
            ),
            (Part::ServiceRegistries, json!([{ "registryArn": "a" }])),
        ]);
        assert_eq!(found, expected);
    }
}
