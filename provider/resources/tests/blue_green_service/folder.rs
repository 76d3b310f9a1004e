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
