//! Objects in a folder.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use std::fs;
use std::path::Path;
use std::sync::Arc;

use futures::future::join_all;
use switchyard_engine::ports::{
    Error, ErrorKind, OBJECT_LIMIT, ObjectStore, Place, PlaceFacts, Written,
};
use switchyard_store::Folders;
use switchyard_world::ports::MemoryObjects;

const NAME: &str = "main/web/20261121T123456Z-1a2b3c4d.json";

fn store() -> Folders {
    Folders::before(Arc::new(MemoryObjects::default()))
}

fn place(folder: &Path) -> Place {
    Place::Folder(folder.to_str().unwrap().to_owned())
}

async fn names(place: &Place, prefix: &str) -> Vec<String> {
    let objects = store().list(place, prefix).await.unwrap();
    objects.into_iter().map(|object| object.name).collect()
}

/// Names of all files below a folder, also those that are never listed.
fn files(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        match entry.metadata().unwrap().is_dir() {
            true => found.extend(files(&entry.path())),
            false => found.push(entry.file_name().into_string().unwrap()),
        }
    }
    found.sort();
    found
}

#[tokio::test]
async fn what_is_written_is_listed_and_read_until_it_is_deleted() {
    let folder = tempfile::tempdir().unwrap();
    let (store, place) = (store(), place(&folder.path().join("not/made/yet")));
    assert_eq!(names(&place, "").await, Vec::<String>::new());
    assert_eq!(store.read(&place, NAME).await.unwrap(), None);
    let written = store.write_new(&place, NAME, b"whole").await.unwrap();
    assert_eq!(written, Written::New);
    assert_eq!(
        store.read(&place, NAME).await.unwrap(),
        Some(b"whole".to_vec())
    );
    let listed = store.list(&place, "main/web/").await.unwrap();
    assert_eq!((listed[0].name.as_str(), listed[0].size), (NAME, 5));
    assert!(listed[0].modified > jiff::Timestamp::UNIX_EPOCH);
    store.delete(&place, NAME).await.unwrap();
    store.delete(&place, NAME).await.unwrap();
    assert_eq!(names(&place, "").await, Vec::<String>::new());
}

#[tokio::test]
async fn a_relative_folder_is_below_the_working_directory() {
    let folder = tempfile::tempdir_in(".").unwrap();
    let relative = Path::new(folder.path().file_name().unwrap()).join("kept");
    let place = place(&relative);
    store().write_new(&place, NAME, b"x").await.unwrap();
    assert_eq!(names(&place, "").await, [NAME]);
    assert!(folder.path().join("kept").join(NAME).is_file());
}

#[tokio::test]
async fn a_prefix_ends_where_it_says() {
    let folder = tempfile::tempdir().unwrap();
    let place = place(folder.path());
    for name in ["main/web/b", "main/web/a", "main/web2/c", "mainly/web/d"] {
        store().write_new(&place, name, b"x").await.unwrap();
    }
    assert_eq!(
        names(&place, "main/web/").await,
        ["main/web/a", "main/web/b"]
    );
    assert_eq!(
        names(&place, "main/web").await,
        ["main/web/a", "main/web/b", "main/web2/c"]
    );
    assert_eq!(names(&place, "main").await.len(), 4);
    assert_eq!(names(&place, "other/").await, Vec::<String>::new());
}

#[tokio::test]
async fn what_is_there_is_never_overwritten() {
    let folder = tempfile::tempdir().unwrap();
    let (store, place) = (store(), place(folder.path()));
    store.write_new(&place, NAME, b"first").await.unwrap();
    let again = store.write_new(&place, NAME, b"second").await.unwrap();
    assert_eq!(again, Written::Exists);
    assert_eq!(
        store.read(&place, NAME).await.unwrap(),
        Some(b"first".to_vec())
    );
    assert_eq!(files(folder.path()).len(), 1, "nothing unfinished is left");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_writers_of_one_name_exactly_one_wins_and_its_bytes_are_whole() {
    let folder = tempfile::tempdir().unwrap();
    let place = place(folder.path());
    let writers = (0..32).map(|nth| {
        let (store, place) = (store(), place.clone());
        let bytes = vec![b'a' + nth; 200_000];
        tokio::spawn(async move { (nth, store.write_new(&place, NAME, &bytes).await.unwrap()) })
    });
    let ended = join_all(writers).await.into_iter().map(Result::unwrap);
    let winners: Vec<u8> = ended
        .filter(|(_, written)| *written == Written::New)
        .map(|(nth, _)| nth)
        .collect();
    assert_eq!(winners.len(), 1);
    let bytes = store().read(&place, NAME).await.unwrap().unwrap();
    assert_eq!(bytes, vec![b'a' + winners[0]; 200_000]);
    assert_eq!(files(folder.path()).len(), 1, "nothing unfinished is left");
}

#[tokio::test]
async fn what_a_dead_writer_left_is_not_listed_and_not_in_the_way() {
    let folder = tempfile::tempdir().unwrap();
    let place = place(folder.path());
    fs::create_dir_all(folder.path().join("main/web")).unwrap();
    for nth in 0..20 {
        let name = format!("main/web/.unfinished-{}-{nth}", std::process::id());
        fs::write(folder.path().join(name), b"hal").unwrap();
    }
    assert_eq!(names(&place, "").await, Vec::<String>::new());
    let written = store().write_new(&place, NAME, b"whole").await.unwrap();
    assert_eq!(written, Written::New);
    assert_eq!(names(&place, "").await, [NAME]);
}

#[tokio::test]
async fn names_that_lead_elsewhere_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("root");
    let place = place(&root);
    fs::create_dir(&root).unwrap();
    fs::write(folder.path().join("secret"), b"outside").unwrap();
    for name in [
        "",
        "..",
        "../secret",
        "main/../../secret",
        "/etc/hostname",
        "main//web",
        "main/web/",
        "main/.hidden",
        "main/we b",
        "main\\web",
        "main/w\u{e9}b",
        "main/we\0b",
        &"x".repeat(256),
    ] {
        let store = store();
        for refused in [
            store.read(&place, name).await.map(drop),
            store.write_new(&place, name, b"x").await.map(drop),
            store.delete(&place, name).await,
        ] {
            assert_eq!(refused.unwrap_err().kind, ErrorKind::Rejected, "{name:?}");
        }
    }
    for prefix in ["../", "main/../../", "/"] {
        let refused = store().list(&place, prefix).await;
        let listed = refused.map(|objects| objects.len()).unwrap_or_default();
        assert_eq!(listed, 0, "{prefix}");
    }
    assert_eq!(files(&root), Vec::<String>::new());
    assert_eq!(fs::read(folder.path().join("secret")).unwrap(), b"outside");
}

#[tokio::test]
async fn more_than_the_limit_is_neither_written_nor_read() {
    let folder = tempfile::tempdir().unwrap();
    let (store, place) = (store(), place(folder.path()));
    let limit = usize::try_from(OBJECT_LIMIT).unwrap();
    store
        .write_new(&place, "full", &vec![b'x'; limit])
        .await
        .unwrap();
    let read = store.read(&place, "full").await.unwrap().unwrap();
    assert_eq!(read.len(), limit);
    let too_much = vec![b'x'; limit + 1];
    let error = store.write_new(&place, "more", &too_much).await;
    assert!(said(&error.unwrap_err()).contains("more than 4 MiB"));
    fs::write(folder.path().join("more"), &too_much).unwrap();
    let error = store.read(&place, "more").await.unwrap_err();
    assert!(said(&error).contains("more than 4 MiB"));
}

#[tokio::test]
async fn a_file_in_place_of_a_folder_is_told() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("file"), b"x").unwrap();
    fs::write(folder.path().join("main"), b"x").unwrap();
    for place in [place(&folder.path().join("file")), place(folder.path())] {
        let store = store();
        for error in [
            store.list(&place, "main/web/").await.map(drop),
            store.read(&place, NAME).await.map(drop),
            store.write_new(&place, NAME, b"x").await.map(drop),
            store.delete(&place, NAME).await,
        ] {
            let error = error.unwrap_err();
            assert!(said(&error).contains("is a file, not a folder"), "{error}");
        }
    }
    let inside = place(&folder.path().join("file/below"));
    let error = store().write_new(&inside, NAME, b"x").await.unwrap_err();
    assert!(said(&error).contains("is a file, not a folder"), "{error}");
}

#[tokio::test]
async fn a_folder_in_place_of_an_object_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let (store, place) = (store(), place(folder.path()));
    fs::create_dir_all(folder.path().join(NAME)).unwrap();
    for error in [
        store.read(&place, NAME).await.map(drop),
        store.write_new(&place, NAME, b"x").await.map(drop),
        store.delete(&place, NAME).await,
    ] {
        assert!(said(&error.unwrap_err()).contains("it is not a file"));
    }
}

#[tokio::test]
async fn buckets_are_somebody_elses() {
    let memory = MemoryObjects::default();
    let store = Folders::before(Arc::new(memory.clone()));
    let bucket = Place::Bucket {
        bucket: "kept".to_owned(),
        prefix: String::new(),
        region: None,
        kms_key: None,
    };
    store.write_new(&bucket, NAME, b"there").await.unwrap();
    assert!(memory.names(&bucket).contains(NAME));
    assert_eq!(
        store.read(&bucket, NAME).await.unwrap(),
        Some(b"there".to_vec())
    );
    assert_eq!(store.list(&bucket, "").await.unwrap().len(), 1);
    assert_eq!(store.facts(&bucket).await.unwrap().versioned, Some(true));
    store.delete(&bucket, NAME).await.unwrap();
    assert!(memory.names(&bucket).is_empty());
    let folder = Place::Folder("anywhere".to_owned());
    assert_eq!(store.facts(&folder).await.unwrap(), PlaceFacts::default());
}

#[cfg(unix)]
mod unix {
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    use super::*;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[tokio::test]
    async fn only_the_owner_may_read_what_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("kept");
        store().write_new(&place(&root), NAME, b"x").await.unwrap();
        assert_eq!(mode(&root.join(NAME)), 0o600);
        for made in [root.clone(), root.join("main"), root.join("main/web")] {
            assert_eq!(mode(&made), 0o700, "{}", made.display());
        }
    }

    #[tokio::test]
    async fn links_inside_the_folder_are_not_followed() {
        let folder = tempfile::tempdir().unwrap();
        let (root, outside) = (folder.path().join("root"), folder.path().join("outside"));
        for made in [&root, &outside] {
            fs::create_dir_all(made).unwrap();
        }
        fs::create_dir_all(outside.join("web")).unwrap();
        fs::write(outside.join("web/there.json"), b"outside").unwrap();
        symlink(&outside, root.join("main")).unwrap();
        symlink(outside.join("web/there.json"), root.join("link.json")).unwrap();
        let (store, place) = (store(), place(&root));
        for error in [
            store.list(&place, "main/web/").await.map(drop),
            store.read(&place, "main/web/there.json").await.map(drop),
            store.read(&place, "link.json").await.map(drop),
            store.write_new(&place, NAME, b"x").await.map(drop),
            store.write_new(&place, "link.json", b"x").await.map(drop),
            store.delete(&place, "main/web/there.json").await,
            store.delete(&place, "link.json").await,
        ] {
            let error = error.unwrap_err();
            assert!(said(&error).contains("symbolic link"), "{error}");
        }
        assert_eq!(names(&place, "").await, Vec::<String>::new());
        assert_eq!(files(&outside), ["there.json"]);
    }

    #[tokio::test]
    async fn the_folder_itself_may_be_a_link() {
        let folder = tempfile::tempdir().unwrap();
        let real = folder.path().join("real");
        fs::create_dir(&real).unwrap();
        symlink(&real, folder.path().join("link")).unwrap();
        let place = place(&folder.path().join("link"));
        store().write_new(&place, NAME, b"x").await.unwrap();
        assert_eq!(names(&place, "").await, [NAME]);
        assert!(real.join(NAME).is_file());
    }
}

fn said(error: &Error) -> &str {
    &error.message
}
