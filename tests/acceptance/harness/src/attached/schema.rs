//! Which types a module names, and a provider's schema with only these.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use bytes::{Buf as _, Bytes, BytesMut};
use prost::encoding::{WireType, decode_key, decode_varint, encode_key, encode_varint};

/// The maps by type name in `GetProviderSchema.Response` (the plugin protocol's `tfplugin5.proto`): resources, data
/// sources, ephemeral resources, list resources, actions. All else stays.
const BY_TYPE: [u32; 5] = [2, 3, 8, 9, 11];
/// A message on its way has a byte that says whether it is compressed, and four for its length.
const FRAME: usize = 5;
/// Files that may name a type.
const NAMING: [&str; 4] = ["tf", "json", "tfstate", "hcl"];

/// The types that files in a folder name, or that they have named since this began: a state or a saved plan can have
/// what no file names any more.
#[derive(Debug)]
pub(super) struct Names {
    folder: PathBuf,
    prefix: &'static str,
    seen: Mutex<BTreeSet<String>>,
}

impl Names {
    /// Names with this prefix (`aws_`), in the modules below this folder and those that they call.
    pub(super) fn new(folder: PathBuf, prefix: &'static str) -> Self {
        Self {
            folder,
            prefix,
            seen: Mutex::default(),
        }
    }

    /// Looks again.
    pub(super) fn in_use(&self) -> BTreeSet<String> {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let mut folders = vec![self.folder.clone()];
        let mut known: BTreeSet<PathBuf> = folders.iter().cloned().collect();
        while let Some(folder) = folders.pop() {
            for path in entries(&folder) {
                if path.is_dir() {
                    if !path.is_symlink() && known.insert(path.clone()) {
                        folders.push(path);
                    }
                } else if naming(&path) {
                    let text = std::fs::read_to_string(&path).unwrap_or_default();
                    seen.extend(words(&text, self.prefix).map(str::to_owned));
                    let called = called(&path, &text).into_iter();
                    folders.extend(called.filter(|folder| known.insert(folder.clone())));
                }
            }
        }
        seen.clone()
    }
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries.map(|entry| entry.path()).collect()
}

fn naming(path: &Path) -> bool {
    let extension = path.extension().and_then(|it| it.to_str());
    extension.is_some_and(|it| NAMING.contains(&it))
}

/// The folders of the modules that `init` has found, from `.terraform/modules/modules.json`.
fn called(path: &Path, text: &str) -> Vec<PathBuf> {
    if !path.ends_with(".terraform/modules/modules.json") {
        return Vec::new();
    }
    let root = path.ancestors().nth(3).unwrap_or(path);
    let list: serde_json::Value = serde_json::from_str(text).unwrap_or_default();
    let modules = list["Modules"].as_array().into_iter().flatten();
    modules
        .filter_map(|module| Some(root.join(module["Dir"].as_str()?)))
        .collect()
}

/// The words of a text that begin so.
fn words<'t>(text: &'t str, prefix: &'static str) -> impl Iterator<Item = &'t str> {
    let in_word = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
    text.split(move |letter| !in_word(letter))
        .filter(move |word| word.starts_with(prefix))
}

/// A framed `GetProviderSchema.Response` without the types that are not among these; `None` when it cannot be read.
pub(super) fn only(framed: &Bytes, names: &BTreeSet<String>) -> Option<Bytes> {
    let mut message = framed.get(FRAME..)?;
    let is_whole =
        u32::from_be_bytes(framed.get(1..FRAME)?.try_into().ok()?) as usize == message.len();
    if framed.first() != Some(&0) || !is_whole {
        return None;
    }
    let mut kept = BytesMut::zeroed(FRAME);
    while !message.is_empty() {
        let (field, value) = next(&mut message)?;
        if BY_TYPE.contains(&field) && !names.contains(key(value)?) {
            continue;
        }
        encode_key(field, WireType::LengthDelimited, &mut kept);
        encode_varint(value.len() as u64, &mut kept);
        kept.extend_from_slice(value);
    }
    let length = u32::try_from(kept.len() - FRAME).ok()?.to_be_bytes();
    kept.get_mut(1..FRAME)?.copy_from_slice(&length);
    Some(kept.freeze())
}

/// The next field; all of this message's have a length.
fn next<'m>(message: &mut &'m [u8]) -> Option<(u32, &'m [u8])> {
    let (field, WireType::LengthDelimited) = decode_key(message).ok()? else {
        return None;
    };
    let length = usize::try_from(decode_varint(message).ok()?).ok()?;
    let value = message.get(..length)?;
    message.advance(length);
    Some((field, value))
}

/// The key of a map's entry.
fn key(mut entry: &[u8]) -> Option<&str> {
    let (1, key) = next(&mut entry)? else {
        return None;
    };
    std::str::from_utf8(key).ok()
}

#[cfg(test)]
mod tests {
    use prost::Message as _;
    use tfplugin_proto::tfplugin6::get_provider_schema::Response;

    use super::*;

    fn framed(response: &Response) -> Bytes {
        let message = response.encode_to_vec();
        let length = u32::try_from(message.len()).unwrap().to_be_bytes();
        [&[0], &length[..], &message].concat().into()
    }

    fn response(types: &[&str]) -> Response {
        let schemas = types
            .iter()
            .map(|name| ((*name).to_owned(), Default::default()));
        Response {
            provider: Some(Default::default()),
            data_source_schemas: schemas.clone().collect(),
            resource_schemas: schemas.collect(),
            server_capabilities: Some(Default::default()),
            ..Response::default()
        }
    }

    #[test]
    fn types_that_are_not_named_are_left_out_and_all_else_stays() {
        let names = ["aws_lb", "aws_vpc"].map(str::to_owned).into();
        let whole = framed(&response(&["aws_lb", "aws_instance", "aws_vpc"]));
        let cut = only(&whole, &names).unwrap();
        assert_eq!(
            Response::decode(&cut[FRAME..]).unwrap(),
            response(&["aws_lb", "aws_vpc"])
        );
        assert_eq!(only(&whole.slice(..whole.len() - 1), &names), None);
        assert_eq!(only(&Bytes::new(), &names), None);
    }

    #[test]
    fn names_are_those_of_the_module_of_what_it_calls_and_of_what_it_once_had() {
        let scratch = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| {
            let path = scratch.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        };
        write("root/main.tf", "resource \"aws_lb\" \"a\" {}");
        write("root/README.md", "aws_instance");
        write("root/terraform.tfstate", r#"{ "type": "aws_vpc" }"#);
        write("called/main.tf", "data.aws_region.here.id");
        let list =
            r#"{ "Modules": [{ "Key": "", "Dir": "." }, { "Key": "x", "Dir": "../called" }] }"#;
        write("root/.terraform/modules/modules.json", list);
        let names = Names::new(scratch.path().join("root"), "aws_");
        let all = ["aws_lb", "aws_region", "aws_vpc"]
            .map(str::to_owned)
            .into();
        assert_eq!(names.in_use(), all);
        write("root/main.tf", "");
        assert_eq!(names.in_use(), all);
    }
}
