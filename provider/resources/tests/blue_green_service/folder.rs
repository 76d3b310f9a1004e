//! A folder for what a test writes, and the reports in it.

use tfplugin::value::Value;

/// A folder of this test's own, removed with it.
pub(crate) struct Folder(pub(crate) std::path::PathBuf);

impl Folder {
    pub(crate) fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("switchyard-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub(crate) fn file(&self, name: &str) -> String {
        self.0.join(name).to_str().unwrap().to_owned()
    }

    /// The configuration, with a report here.
    pub(crate) fn told(&self, config: &Value) -> Value {
        config
            .clone()
            .with_attribute("report_path", self.file("told.json"))
    }

    /// The deployment that was told last.
    pub(crate) fn last(&self) -> serde_json::Value {
        report(&self.file("told.json"))["deployment"].clone()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.0).ok();
    }
}

/// What a report says.
pub(crate) fn report(path: &str) -> serde_json::Value {
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

/// What `last_deployment` of a state says, under the names that `provider::switchyard::last_deployment` gives it.
pub(crate) fn last(state: &Value) -> Value {
    let line = state.attribute("last_deployment").as_str().unwrap();
    let (mut members, mut gates) = (Vec::new(), Vec::new());
    let mut rest = line;
    while let Some((name, after)) = rest.split_once('=') {
        let mut strings = serde_json::Deserializer::from_str(after).into_iter::<String>();
        let (value, after) = match after.starts_with('"') {
            true => {
                let value = strings.next().unwrap().unwrap();
                (value, after.get(strings.byte_offset()..).unwrap())
            }
            false => {
                let (value, after) = after.split_once(' ').unwrap_or((after, ""));
                (value.to_owned(), after)
            }
        };
        rest = after.trim_start();
        let name = match name {
            "from" => "from_task_definition",
            "to" => "to_task_definition",
            "seconds" => "duration_seconds",
            other => other,
        };
        if let Some(gate) = name.strip_prefix("gate.") {
            gates.push((gate.to_owned(), Value::from(value)));
        } else if ["duration_seconds", "recovery_seconds", "score"].contains(&name) {
            members.push((name.to_owned(), Value::from(value.parse::<i64>().unwrap())));
        } else {
            members.push((name.to_owned(), Value::from(value)));
        }
    }
    members.push(("gates".to_owned(), Value::map(gates)));
    Value::object(members)
}
