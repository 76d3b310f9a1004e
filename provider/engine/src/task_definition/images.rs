//! Images put into a definition.

use std::collections::BTreeMap;
use std::fmt;

use serde_json::{Value, json};

use super::canonical::{canonical, registrable};

/// What a rollout of these images changes, seen from what is live.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ImageChanges {
    /// Containers that get another image than they have now.
    pub images: BTreeMap<String, ImageChange>,
    /// Anything else differs, because another definition is the base than the one that is live.
    pub rest: bool,
}

impl ImageChanges {
    /// Whether a revision has to be registered and rolled out.
    pub fn any(&self) -> bool {
        self.rest || !self.images.is_empty()
    }
}

/// The image of one container.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImageChange {
    /// What it has now; absent when the live definition has no such container.
    pub from: Option<String>,
    /// What it gets.
    pub to: String,
}

/// Why images cannot be put into a definition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ImagesRefused {
    /// There is no definition: none is given, and nothing is live.
    NoDefinition,
    /// The definition has no containers of these names.
    UnknownContainers {
        /// Names that were given and are not there.
        unknown: Vec<String>,
        /// Names that are there.
        known: Vec<String>,
    },
}

impl fmt::Display for ImagesRefused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoDefinition => f.write_str(
                "There is no task definition to put the images into: none is configured, and nothing is live.",
            ),
            Self::UnknownContainers { unknown, known } => {
                let named = |names: &[String]| {
                    let quoted: Vec<String> =
                        names.iter().map(|name| format!("`{name}`")).collect();
                    quoted.join(", ")
                };
                write!(
                    f,
                    "The task definition has no container {}. Its containers are {}.",
                    named(unknown),
                    named(known)
                )
            }
        }
    }
}

/// What is rolled out when `images` (container → image) are put into a definition: the `base`, or the live
/// one when no base is given. `live` and `base` are documents as [`crate::ports::TaskDefinition::document`]
/// has them.
///
/// Nothing differs when the result means the same tasks as the live definition: the order of what has no
/// order, AWS's defaults and what AWS adds itself are no differences. An apply then registers nothing.
///
/// # Errors
/// A container that does not exist, or no definition at all.
pub fn image_changes(
    live: Option<&Value>,
    base: Option<&Value>,
    images: &BTreeMap<String, String>,
) -> Result<ImageChanges, ImagesRefused> {
    let wanted = with_images(base.or(live), images)?;
    let Some(live) = live else {
        let images = images_of(&wanted).into_iter();
        let images = images.map(|(name, to)| (name, ImageChange { from: None, to }));
        return Ok(ImageChanges {
            images: images.collect(),
            rest: true,
        });
    };
    let before = images_of(live);
    let images = images_of(&wanted)
        .into_iter()
        .filter(|(name, to)| before.get(name) != Some(to))
        .map(|(name, to)| {
            let from = before.get(&name).cloned();
            (name, ImageChange { from, to })
        })
        .collect();
    Ok(ImageChanges {
        images,
        rest: canonical(&without_images(live)) != canonical(&without_images(&wanted)),
    })
}

/// The document to register: the definition with these images instead of its own.
pub(crate) fn with_images(
    definition: Option<&Value>,
    images: &BTreeMap<String, String>,
) -> Result<Value, ImagesRefused> {
    let mut document = registrable(definition.ok_or(ImagesRefused::NoDefinition)?);
    let known: Vec<String> = images_of(&document).into_keys().collect();
    let unknown: Vec<String> = images
        .keys()
        .filter(|name| !known.contains(name))
        .cloned()
        .collect();
    if !unknown.is_empty() {
        return Err(ImagesRefused::UnknownContainers { unknown, known });
    }
    for container in containers(&mut document) {
        let image = container.get("name").and_then(Value::as_str);
        if let Some(image) = image.and_then(|name| images.get(name)) {
            container["image"] = json!(image);
        }
    }
    Ok(document)
}

fn containers(document: &mut Value) -> &mut [Value] {
    match document.get_mut("containerDefinitions") {
        Some(Value::Array(containers)) => containers,
        Some(_) | None => &mut [],
    }
}

fn without_images(document: &Value) -> Value {
    let mut document = document.clone();
    for container in containers(&mut document) {
        if let Some(members) = container.as_object_mut() {
            members.remove("image");
        }
    }
    document
}

/// Container → image.
fn images_of(document: &Value) -> BTreeMap<String, String> {
    let text = |container: &Value, member: &str| {
        let value = container.get(member).and_then(Value::as_str);
        value.unwrap_or_default().to_owned()
    };
    let containers = document
        .get("containerDefinitions")
        .and_then(Value::as_array);
    containers
        .into_iter()
        .flatten()
        .map(|container| (text(container, "name"), text(container, "image")))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn live() -> Value {
        json!({
            "family": "web", "revision": 7, "networkMode": "awsvpc",
            "containerDefinitions": [
                { "name": "app", "image": "app:1", "cpu": 0 },
                { "name": "aide", "image": "aide:1", "cpu": 0 },
            ],
        })
    }

    fn images(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        let pairs = pairs.iter();
        pairs
            .map(|&(name, image)| (name.to_owned(), image.to_owned()))
            .collect()
    }

    #[test]
    fn only_what_differs_is_a_change() {
        let changes = image_changes(Some(&live()), None, &images(&[("app", "app:2")])).unwrap();
        let change = ImageChange {
            from: Some("app:1".to_owned()),
            to: "app:2".to_owned(),
        };
        assert_eq!(changes.images, BTreeMap::from([("app".to_owned(), change)]));
        assert!(!changes.rest);
        let none = image_changes(Some(&live()), None, &images(&[("aide", "aide:1")])).unwrap();
        assert!(!none.any());
    }

    #[test]
    fn another_base_is_a_change_only_when_it_means_something_else() {
        let mut base = live();
        base["revision"] = json!(9);
        base["containerDefinitions"][0]["image"] = json!("placeholder");
        let wanted = images(&[("app", "app:1")]);
        assert!(
            !image_changes(Some(&live()), Some(&base), &wanted)
                .unwrap()
                .any()
        );
        base["containerDefinitions"][1]["cpu"] = json!(64);
        let changes = image_changes(Some(&live()), Some(&base), &wanted).unwrap();
        assert!(changes.rest && changes.images.is_empty());
    }

    #[test]
    fn an_unknown_container_is_named_with_the_known_ones() {
        let refused = image_changes(Some(&live()), None, &images(&[("api", "api:1")])).unwrap_err();
        let said = refused.to_string();
        assert!(
            said.contains("no container `api`") && said.contains("`aide`, `app`"),
            "{said}"
        );
        let refused = image_changes(None, None, &images(&[]));
        assert_eq!(refused, Err(ImagesRefused::NoDefinition));
    }

    #[test]
    fn everything_changes_where_nothing_is_live() {
        let changes = image_changes(None, Some(&live()), &images(&[("app", "app:2")])).unwrap();
        assert!(changes.rest);
        assert_eq!(changes.images["app"].to, "app:2");
        assert_eq!(changes.images["aide"].from, None);
    }
}
