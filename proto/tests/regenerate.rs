//! The checked-in code is exactly what the `.proto` files generate.

use std::{collections::BTreeMap, env, error::Error, fs, path::Path};

const PROTOS: [&str; 3] = ["tfplugin6.proto", "go_plugin.proto", "health.proto"];

/// `UPDATE_GENERATED=1` rewrites `src/gen` instead of comparing.
const UPDATE: &str = "UPDATE_GENERATED";

type Files = BTreeMap<String, String>;

fn generate() -> Result<Files, Box<dyn Error>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("proto");
    let descriptors = protox::compile(PROTOS, [&root])?;
    let out = tempfile::tempdir()?;
    tonic_prost_build::configure()
        .out_dir(out.path())
        .emit_rerun_if_changed(false)
        .build_transport(false)
        .generate_default_stubs(true)
        .btree_map(".")
        .compile_fds(descriptors)?;
    read(out.path())
}

fn read(folder: &Path) -> Result<Files, Box<dyn Error>> {
    let mut files = Files::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        files.insert(name, fs::read_to_string(entry.path())?);
    }
    Ok(files)
}

#[test]
fn generated_code_matches_the_proto_files() -> Result<(), Box<dyn Error>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/gen");
    let fresh = generate()?;
    if env::var_os(UPDATE).is_some() {
        for (name, text) in &fresh {
            fs::write(folder.join(name), text)?;
        }
    }
    let checked_in = read(&folder)?;
    let stale: Vec<_> = fresh
        .iter()
        .filter(|&(name, text)| checked_in.get(name) != Some(text))
        .map(|(name, _)| name)
        .chain(checked_in.keys().filter(|name| !fresh.contains_key(*name)))
        .collect();
    assert!(
        stale.is_empty(),
        "src/gen differs from proto/ in {stale:?}; run this test with {UPDATE}=1 and commit the result"
    );
    Ok(())
}
