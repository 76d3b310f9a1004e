//! The document: what is written, and reading it back.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::{Map, Value, json};

use super::canonical::{checksum, spelled};
use super::condition::SnapshotCondition;
use super::definition::TaskDefinitionSection;
use super::home::Home;
use super::id::{SnapshotId, whole_second};
use super::scaling::ScalingSection;
use super::sections::{LoadBalancerSection, NetworkSection, ServiceSection};
use super::unreadable::Unreadable;
use crate::ports::{OBJECT_LIMIT, ServiceRef};

/// What `format` says.
const FORMAT: &str = "switchyard.snapshot";

/// The version this build writes, and the newest it reads. A field that is added, removed or means something else
/// is a new version.
const VERSION: u64 = 1;

/// A service as it was at a moment.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Snapshot {
    pub(super) taken_at: Timestamp,
    pub(super) reason: String,
    pub(super) condition: SnapshotCondition,
    pub(super) service: ServiceSection,
    pub(super) task_definition: TaskDefinitionSection,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) load_balancer: Option<LoadBalancerSection>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) scaling: Option<ScalingSection>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) network: Option<NetworkSection>,
}

/// What frames the content.
#[derive(Deserialize)]
struct Frame {
    #[serde(default)]
    checksum: Option<String>,
    format_version: u64,
}

impl Snapshot {
    /// Its name.
    pub fn id(&self) -> SnapshotId {
        SnapshotId::of(self.taken_at, &self.checksum())
    }

    /// SHA-256 of the document without its `checksum`, as 64 hexadecimal digits.
    pub fn checksum(&self) -> String {
        checksum(&self.content())
    }

    /// The document in its one spelling: members sorted by name, one trailing newline.
    pub fn to_json(&self) -> String {
        let mut content = self.content();
        if let Value::Object(members) = &mut content {
            members.insert("checksum".to_owned(), json!(self.checksum()));
        }
        spelled(&content)
    }

    /// Reads a document. Other white space and another order of members are no difference; everything else is.
    ///
    /// # Errors
    /// Why the bytes are not a snapshot this version can use.
    pub fn parse(bytes: &[u8]) -> Result<Self, Unreadable> {
        if bytes.len() as u64 > OBJECT_LIMIT {
            let size = bytes.len() as u64;
            return Err(Unreadable::TooLarge { size });
        }
        if bytes.trim_ascii().is_empty() {
            return Err(Unreadable::Empty);
        }
        let document: Value = serde_json::from_slice(bytes).map_err(|error| {
            let size = bytes.len();
            match error.is_eof() {
                true => Unreadable::Truncated { size },
                false => Unreadable::NotJson {
                    reason: error.to_string(),
                },
            }
        })?;
        let Value::Object(members) = document else {
            return Err(Unreadable::Foreign { format: None });
        };
        of_members(members)
    }

    /// How the service was.
    pub fn condition(&self) -> &SnapshotCondition {
        &self.condition
    }

    /// When it was taken, to the second.
    pub fn taken_at(&self) -> Timestamp {
        self.taken_at
    }

    /// Why it was taken.
    pub fn reason(&self) -> &str {
        &self.reason
    }

    /// The service it was taken of; `cluster` is a name.
    pub fn service(&self) -> ServiceRef {
        ServiceRef {
            cluster: self.service.cluster.clone(),
            name: self.service.name.clone(),
        }
    }

    /// ARN of the task definition revision that had production traffic.
    pub fn task_definition_arn(&self) -> &str {
        &self.task_definition.arn
    }

    /// Account and region of the service. Absent only where a document was changed by hand.
    pub fn home(&self) -> Option<Home> {
        Home::of_arn(&self.task_definition.arn)
    }

    /// Container → image.
    pub fn images(&self) -> BTreeMap<String, String> {
        let containers = self.task_definition.containers.iter();
        containers
            .map(|(name, container)| (name.clone(), container.image.clone()))
            .collect()
    }

    /// The document without its checksum.
    pub(super) fn content(&self) -> Value {
        // Only maps with text keys and finite numbers are in it, so that this cannot fail.
        let mut content = serde_json::to_value(self).unwrap_or_default();
        if let Value::Object(members) = &mut content {
            members.insert("format".to_owned(), json!(FORMAT));
            members.insert("format_version".to_owned(), json!(VERSION));
        }
        content
    }
}

fn of_members(mut members: Map<String, Value>) -> Result<Snapshot, Unreadable> {
    let format = members.get("format").and_then(Value::as_str);
    if format != Some(FORMAT) {
        let format = format.map(|word| word.chars().take(100).collect());
        return Err(Unreadable::Foreign { format });
    }
    let framed = Value::Object(members.clone());
    let frame: Frame = serde_json::from_value(framed).map_err(|error| invalid("format", &error))?;
    if frame.format_version > VERSION {
        return Err(Unreadable::Newer {
            version: frame.format_version,
            known: VERSION,
        });
    }
    members.remove("checksum");
    let content = Value::Object(members.clone());
    let computed = checksum(&content);
    let stated = frame.checksum.unwrap_or_default();
    if stated != computed {
        return Err(Unreadable::Checksum { stated, computed });
    }
    let snapshot = Snapshot {
        taken_at: section(&mut members, "taken_at")?,
        reason: section(&mut members, "reason")?,
        condition: section(&mut members, "condition")?,
        service: section(&mut members, "service")?,
        task_definition: section(&mut members, "task_definition")?,
        load_balancer: section(&mut members, "load_balancer")?,
        scaling: section(&mut members, "scaling")?,
        network: section(&mut members, "network")?,
    };
    if snapshot.taken_at != whole_second(snapshot.taken_at) {
        let error = "it has fractions of a second";
        return Err(invalid("taken_at", &error));
    }
    // What is left over is unknown, a version that is not this one's is older, an explicit null is not written.
    match snapshot.content() == content {
        true => Ok(snapshot),
        false => Err(invalid(
            "document",
            &"it has parts that this format version does not have",
        )),
    }
}

fn section<T: DeserializeOwned>(
    members: &mut Map<String, Value>,
    name: &str,
) -> Result<T, Unreadable> {
    let value = members.remove(name).unwrap_or_default();
    serde_json::from_value(value).map_err(|error| invalid(name, &error))
}

fn invalid(path: &str, reason: &impl ToString) -> Unreadable {
    Unreadable::Invalid {
        path: path.to_owned(),
        reason: reason.to_string(),
    }
}
