//! What is written, and what is not read.

use serde_json::{Value, json};

use super::{at, snapshot};
use crate::ports::{OBJECT_LIMIT, Place};
use crate::snapshot::canonical::{checksum, spelled};
use crate::snapshot::{Snapshot, SnapshotId, Unreadable, location};

/// The same document with its content changed, and the checksum set right for it.
fn forged(change: impl FnOnce(&mut Value)) -> String {
    let mut content = snapshot().content();
    change(&mut content);
    let checksum = checksum(&content);
    content["checksum"] = json!(checksum);
    spelled(&content)
}

#[test]
fn a_document_has_one_spelling() {
    let text = snapshot().to_json();
    assert!(text.starts_with("{\n  \"checksum\": \""), "{text}");
    assert!(text.ends_with("}\n") && !text.ends_with("\n\n"));
    let names: Vec<&str> = text
        .lines()
        .filter(|line| line.starts_with("  \""))
        .filter_map(|line| line.split('"').nth(1))
        .collect();
    let mut sorted = names.clone();
    sorted.sort_unstable();
    assert_eq!(names, sorted);
    let parsed: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(parsed["format"], "switchyard.snapshot");
    assert_eq!(parsed["format_version"], 1);
    assert_eq!(parsed["checksum"], snapshot().checksum());
}

/// Stored documents are read for years: what version 1 looks like is written down here.
#[test]
fn the_checksum_of_a_known_document_never_changes() {
    let checksum = snapshot().checksum();
    assert_eq!(checksum.len(), 64);
    assert_eq!(
        snapshot().id().to_string(),
        format!("20261121T123456Z-{}", checksum.get(..8).unwrap())
    );
    assert_eq!(checksum, KNOWN_CHECKSUM);
}

const KNOWN_CHECKSUM: &str = "af5da461f613016746b8a0a4264c2c591c0873f9a04ce5983aa9cc5773c66b01";

#[test]
fn white_space_and_order_are_no_difference() {
    let value: Value = serde_json::from_str(&snapshot().to_json()).unwrap();
    let crammed = serde_json::to_vec(&value).unwrap();
    assert_eq!(Snapshot::parse(&crammed), Ok(snapshot()));
}

#[test]
fn what_cannot_be_read_is_told_apart() {
    let text = snapshot().to_json();
    let unreadable = |text: &str| Snapshot::parse(text.as_bytes()).unwrap_err();
    assert_eq!(unreadable(""), Unreadable::Empty);
    assert_eq!(unreadable(" \n"), Unreadable::Empty);
    for cut in [1, text.len() / 3, text.len() / 2, text.len() - 3] {
        let cut_off = unreadable(text.get(..cut).unwrap());
        assert_eq!(cut_off, Unreadable::Truncated { size: cut });
    }
    for garbage in ["\u{1f525}", "<html>", "{\"format\": nothing}"] {
        assert!(matches!(unreadable(garbage), Unreadable::NotJson { .. }));
    }
    assert!(matches!(
        Snapshot::parse(&[0xff, 0xfe]),
        Err(Unreadable::NotJson { .. })
    ));
    let deep = "[".repeat(100_000);
    assert!(matches!(unreadable(&deep), Unreadable::NotJson { .. }));
    for foreign in ["[]", "3", "null", "{}", "{\"version\": 4}"] {
        assert_eq!(unreadable(foreign), Unreadable::Foreign { format: None });
    }
    assert_eq!(
        unreadable("{\"format\": \"terraform\"}"),
        Unreadable::Foreign {
            format: Some("terraform".to_owned())
        }
    );
    let huge = vec![b' '; usize::try_from(OBJECT_LIMIT).unwrap() + 1];
    assert!(matches!(
        Snapshot::parse(&huge),
        Err(Unreadable::TooLarge { .. })
    ));
}

#[test]
fn a_newer_version_is_told_as_that_whatever_else_is_in_it() {
    let newer = json!({ "format": "switchyard.snapshot", "format_version": 2, "of": "the future" });
    assert_eq!(
        Snapshot::parse(newer.to_string().as_bytes()),
        Err(Unreadable::Newer {
            version: 2,
            known: 1
        })
    );
}

#[test]
fn an_edit_is_found_by_the_checksum() {
    let edited = snapshot().to_json().replace("shop/app:1", "shop/app:2");
    let Err(Unreadable::Checksum { stated, computed }) = Snapshot::parse(edited.as_bytes()) else {
        panic!("an edited document was read");
    };
    assert_eq!(stated, snapshot().checksum());
    assert_ne!(computed, stated);
    let mut without: Value = serde_json::from_str(&snapshot().to_json()).unwrap();
    without.as_object_mut().unwrap().remove("checksum");
    assert!(matches!(
        Snapshot::parse(without.to_string().as_bytes()),
        Err(Unreadable::Checksum { stated, .. }) if stated.is_empty()
    ));
}

#[test]
fn what_a_version_does_not_have_is_refused_even_under_a_right_checksum() {
    type Change = fn(&mut Value);
    let changes: [(&str, Change); 8] = [
        ("document", |content| content["extra"] = json!(1)),
        ("service", |content| content["service"]["extra"] = json!(1)),
        ("task_definition", |content| {
            content["task_definition"]["containers"]["app"]["command"] = json!(["rm"]);
        }),
        ("network", |content| {
            content["network"]["subnets"] = json!(3)
        }),
        ("document", |content| {
            content["service"]["platform_version"] = Value::Null
        }),
        ("reason", |content| {
            content.as_object_mut().unwrap().remove("reason");
        }),
        ("taken_at", |content| {
            content["taken_at"] = json!("2026-11-21T12:34:56.5Z")
        }),
        ("document", |content| content["format_version"] = json!(0)),
    ];
    for (wanted, change) in changes {
        let Err(Unreadable::Invalid { path, .. }) = Snapshot::parse(forged(change).as_bytes())
        else {
            panic!("{wanted}: read, or refused for something else");
        };
        assert_eq!(path, wanted);
    }
    assert_eq!(Snapshot::parse(forged(|_| ()).as_bytes()), Ok(snapshot()));
}

#[test]
fn every_reason_is_a_sentence() {
    let texts = [
        Unreadable::Empty,
        Unreadable::TooLarge { size: 5 },
        Unreadable::Truncated { size: 5 },
        Unreadable::NotJson {
            reason: "r".to_owned(),
        },
        Unreadable::Foreign { format: None },
        Unreadable::Foreign {
            format: Some("f".to_owned()),
        },
        Unreadable::Newer {
            version: 2,
            known: 1,
        },
        Unreadable::Checksum {
            stated: String::new(),
            computed: "c".to_owned(),
        },
        Unreadable::Checksum {
            stated: "s".to_owned(),
            computed: "c".to_owned(),
        },
        Unreadable::Invalid {
            path: "p".to_owned(),
            reason: "r".to_owned(),
        },
        Unreadable::OtherService {
            of: "a/b".to_owned(),
            found_with: "a/c".to_owned(),
        },
        Unreadable::OtherId {
            id: "i".to_owned(),
            name: "n".to_owned(),
        },
    ];
    for unreadable in texts {
        let text = unreadable.to_string();
        let begins = ["It ", "Its ", "A newer "];
        assert!(begins.iter().any(|begin| text.starts_with(begin)), "{text}");
        assert!(text.ends_with('.'), "{text}");
    }
}

#[test]
fn ids_are_spelled_in_one_way_only() {
    let id: SnapshotId = "20261121T123456Z-1a2b3c4d".parse().unwrap();
    assert_eq!(id.to_string(), "20261121T123456Z-1a2b3c4d");
    assert_eq!(id.taken_at(), at(0));
    for wrong in [
        "",
        "20261121T123456Z",
        "20261121T123456Z-1A2B3C4D",
        "20261121T123456Z-1a2b3c4",
        "20261121T123456Z-+a2b3c4d",
        "20261121T123456-1a2b3c4d",
        "20261321T123456Z-1a2b3c4d",
        "20261121T123460Z-1a2b3c4d",
        "20261121T123456Z-1a2b3c4d.json",
        " 20261121T123456Z-1a2b3c4d",
        "../20261121T123456Z-1a2b3c4d",
    ] {
        let refused = wrong.parse::<SnapshotId>().unwrap_err();
        assert!(refused.contains(&format!("`{wrong}`")), "{refused}");
    }
}

#[test]
fn ids_are_ordered_by_time() {
    let early: SnapshotId = "20261121T123456Z-ffffffff".parse().unwrap();
    let late: SnapshotId = "20261121T123457Z-00000000".parse().unwrap();
    assert!(early < late);
}

#[test]
fn two_of_one_second_have_one_id_only_when_they_are_the_same() {
    let mut other = snapshot();
    other.reason = "after a rollout".to_owned();
    assert_ne!(snapshot().id(), other.id());
    assert_eq!(snapshot().id(), snapshot().clone().id());
    assert_eq!(snapshot().id().taken_at(), other.id().taken_at());
}

#[test]
fn a_location_is_a_path_or_an_address() {
    let id = "20261121T123456Z-1a2b3c4d".parse().unwrap();
    let mut service = snapshot().service();
    service.cluster = "arn:aws:ecs:eu-west-1:1:cluster/main".to_owned();
    let folder = Place::Folder("kept/".to_owned());
    assert_eq!(
        location(&folder, &service, &id),
        "kept/main/web/…/20261121T123456Z-1a2b3c4d.json"
    );
    let bucket = Place::Bucket {
        bucket: "shop".to_owned(),
        prefix: "kept/".to_owned(),
        region: None,
        kms_key: None,
    };
    assert_eq!(
        location(&bucket, &service, &id),
        "s3://shop/kept/main/web/…/20261121T123456Z-1a2b3c4d.json"
    );
}
