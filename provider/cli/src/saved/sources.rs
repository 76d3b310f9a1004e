//! What the sources of a configuration say and the JSON of a plan does not: `ignore_changes`, and `dynamic` blocks.

use std::collections::{BTreeSet, HashMap};
use std::io::{self, Read, Seek};

use serde_json::Value;

use super::hcl::{self, Item};
use super::zip::Archive;

/// Files of module `a.b` lie in `tfconfig/m-a.b/`, those of the root in `tfconfig/m-/`.
const FOLDER: &str = "tfconfig/m-";
/// Largest file and sum of all files that are read, in bytes.
const LARGEST: u64 = 8 << 20;
const MOST: u64 = 64 << 20;

/// The resources of a configuration by address without keys.
#[derive(Debug, Default)]
pub(crate) struct Sources {
    resources: HashMap<String, Traits>,
}

/// What the plan does not show of a resource.
#[derive(Debug, Default)]
struct Traits {
    /// Names in `ignore_changes`; `all` is one of them.
    ignored: BTreeSet<String>,
    /// Blocks that are made by `dynamic`.
    dynamic: BTreeSet<String>,
}

impl Sources {
    /// Reads the sources in a saved plan.
    ///
    /// # Errors
    ///
    /// When one of them is missing, too large or not understood.
    pub(super) fn read<R: Read + Seek>(archive: &mut Archive<R>) -> io::Result<Self> {
        let names: Vec<String> = archive
            .names()
            .filter(|name| name.starts_with(FOLDER))
            .map(str::to_owned)
            .collect();
        let mut sources = Self::default();
        let mut sum = 0;
        for name in names {
            let mut text = String::new();
            archive
                .read(&name)?
                .take(LARGEST)
                .read_to_string(&mut text)?;
            let length = u64::try_from(text.len()).unwrap_or(u64::MAX);
            sum += length;
            if length == LARGEST || sum > MOST || sources.take(&name, &text).is_none() {
                return Err(io::Error::from(io::ErrorKind::InvalidData));
            }
        }
        Ok(sources)
    }

    fn take(&mut self, name: &str, text: &str) -> Option<()> {
        let (module, file) = name.strip_prefix(FOLDER)?.split_once('/')?;
        let calls = module.split('.').filter(|call| !call.is_empty());
        let prefix: String = calls.map(|call| format!("module.{call}.")).collect();
        let is = |endings: [&str; 2]| endings.iter().any(|ending| file.ends_with(ending));
        if is([".tf.json", ".tofu.json"]) {
            self.take_json(&prefix, &serde_json::from_str(text).ok()?);
        } else if is([".tf", ".tofu"]) {
            for item in hcl::parse(text)? {
                self.take_block(&prefix, &item);
            }
        }
        Some(())
    }

    fn take_block(&mut self, prefix: &str, block: &Item<'_>) {
        let Item::Block {
            name: "resource",
            labels,
            items,
        } = block
        else {
            return;
        };
        let [resource_type, name] = labels.as_slice() else {
            return;
        };
        let traits = self.traits(prefix, resource_type, name);
        for item in items {
            match item {
                Item::Block {
                    name: "lifecycle",
                    items,
                    ..
                } => {
                    let ignored = items.iter().filter_map(|item| match item {
                        Item::Argument {
                            name: "ignore_changes",
                            expression,
                        } => Some(hcl::list_names(expression)),
                        Item::Argument { .. } | Item::Block { .. } => None,
                    });
                    traits.ignored.extend(ignored.flatten().map(str::to_owned));
                }
                Item::Block {
                    name: "dynamic",
                    labels,
                    ..
                } => traits
                    .dynamic
                    .extend(labels.iter().map(|label| (*label).to_owned())),
                Item::Argument { .. } | Item::Block { .. } => {}
            }
        }
    }

    fn take_json(&mut self, prefix: &str, file: &Value) {
        for (resource_type, named) in entries(file.get("resource")) {
            for (name, body) in entries(Some(named)) {
                let traits = self.traits(prefix, resource_type, name);
                for (_, ignored) in entries(Some(body))
                    .filter(|(key, _)| *key == "lifecycle")
                    .flat_map(|(_, lifecycle)| entries(Some(lifecycle)))
                    .filter(|(key, _)| *key == "ignore_changes")
                {
                    let names: Vec<&Value> = match ignored {
                        Value::Array(list) => list.iter().collect(),
                        one => vec![one],
                    };
                    let names = names.into_iter().filter_map(Value::as_str);
                    let firsts = names.filter_map(|name| name.split(['.', '[']).next());
                    traits.ignored.extend(firsts.map(str::to_owned));
                }
                let dynamic = entries(Some(body))
                    .filter(|(key, _)| *key == "dynamic")
                    .flat_map(|(_, blocks)| entries(Some(blocks)))
                    .map(|(block, _)| block.to_owned());
                traits.dynamic.extend(dynamic);
            }
        }
    }

    /// Files that override others add to what those say: what one of them ignores may be ignored.
    fn traits(&mut self, prefix: &str, resource_type: &str, name: &str) -> &mut Traits {
        let address = format!("{prefix}{resource_type}.{name}");
        self.resources.entry(address).or_default()
    }

    /// Whether the resource names the attribute in `ignore_changes`. Nothing when it is not in the sources.
    pub(crate) fn ignores(&self, address: &str, attribute: &str) -> Option<bool> {
        let ignored = &self.resources.get(address)?.ignored;
        Some(ignored.contains("all") || ignored.contains(attribute))
    }

    /// Whether the resource makes blocks of this name by `dynamic`. Nothing when it is not in the sources.
    pub(crate) fn has_dynamic(&self, address: &str, block: &str) -> Option<bool> {
        Some(self.resources.get(address)?.dynamic.contains(block))
    }
}

/// The entries of an object, or of each object in a list: a file in JSON may write either.
fn entries(value: Option<&Value>) -> impl Iterator<Item = (&str, &Value)> {
    let objects: Vec<&Value> = match value {
        Some(Value::Array(list)) => list.iter().collect(),
        Some(value) => vec![value],
        None => Vec::new(),
    };
    objects
        .into_iter()
        .filter_map(Value::as_object)
        .flatten()
        .map(|(key, value)| (key.as_str(), value))
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::super::zip::tests::archive;
    use super::*;

    fn sources(files: &[(&str, &[u8])]) -> io::Result<Sources> {
        Sources::read(&mut Archive::open(Cursor::new(archive(files))).unwrap())
    }

    #[test]
    fn what_is_ignored_and_dynamic_is_found_in_every_module() {
        let root = br#"
resource "aws_iam_policy" "app" {
  policy = jsonencode({})
  lifecycle { ignore_changes = [policy] }
}
resource "aws_security_group" "web" {
  dynamic "ingress" {
    for_each = var.ports
    content { from_port = ingress.value }
  }
}
"#;
        let module = br#"{"resource": {"aws_iam_policy": {"app": [{"lifecycle": {"ignore_changes": ["tags.a"]}}],
            "other": {"lifecycle": [{"ignore_changes": "all"}], "dynamic": {"x": []}}}}}"#;
        let sources = sources(&[
            ("tfplan", b"no source"),
            ("tfconfig/modules.json", b"[]"),
            ("tfconfig/m-/main.tf", root),
            ("tfconfig/m-/README.md", b"{{{"),
            ("tfconfig/m-shop.web/main.tf.json", module),
        ])
        .unwrap();
        for (address, attribute, expected) in [
            ("aws_iam_policy.app", "policy", Some(true)),
            ("aws_iam_policy.app", "tags", Some(false)),
            ("aws_iam_policy.other", "tags", None),
            (
                "module.shop.module.web.aws_iam_policy.app",
                "tags",
                Some(true),
            ),
            (
                "module.shop.module.web.aws_iam_policy.app",
                "policy",
                Some(false),
            ),
            (
                "module.shop.module.web.aws_iam_policy.other",
                "policy",
                Some(true),
            ),
        ] {
            assert_eq!(
                sources.ignores(address, attribute),
                expected,
                "{address} {attribute}"
            );
        }
        assert_eq!(
            sources.has_dynamic("aws_security_group.web", "ingress"),
            Some(true)
        );
        assert_eq!(
            sources.has_dynamic("aws_security_group.web", "egress"),
            Some(false)
        );
        assert_eq!(
            sources.has_dynamic("module.shop.module.web.aws_iam_policy.other", "x"),
            Some(true)
        );
    }

    #[test]
    fn a_source_that_is_not_understood_leaves_nothing() {
        assert!(sources(&[("tfconfig/m-/main.tf", b"resource {{{")]).is_err());
        assert!(sources(&[("tfconfig/m-/main.tf.json", b"[")]).is_err());
        assert!(sources(&[("tfconfig/m-/main.tf", b"\xff")]).is_err());
    }
}
