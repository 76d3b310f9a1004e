//! Snapshots in a place.

use futures::future::join_all;
use switchyard_engine::ports::{ErrorKind, ObjectStore as _, Place};
use switchyard_engine::snapshot::{
    Snapshot, SnapshotId, Unreadable, delete, list, pin, read, take, unpin,
};

use crate::{Shelf, captured, keeping, pass, steady, web};

async fn take_one(shelf: &Shelf, reason: &str, count: u32) -> SnapshotId {
    let snapshot = captured(&shelf.ports, reason).await;
    let retention = keeping(count);
    let taken = take(&shelf.ports, &shelf.place, None, &snapshot, &retention).await;
    let taken = taken.unwrap();
    assert!(taken.not_pruned.is_none());
    taken.id
}

async fn ids(shelf: &Shelf) -> Vec<SnapshotId> {
    let entries = list(&shelf.ports, &shelf.place, &web()).await.unwrap();
    entries.into_iter().map(|entry| entry.id).collect()
}

#[tokio::test]
async fn what_is_taken_is_listed_newest_first_and_read() {
    let account = steady().await;
    let shelf = Shelf::of(&account.ports);
    assert_eq!(ids(&shelf).await, []);
    let first = take_one(&shelf, "first", 10).await;
    pass(&shelf.ports, 5).await;
    let second = take_one(&shelf, "second", 10).await;
    let entries = list(&shelf.ports, &shelf.place, &web()).await.unwrap();
    assert_eq!(entries[0].id, second);
    assert_eq!(entries[1].id, first);
    let summary = entries[0].content.as_ref().unwrap();
    assert_eq!(summary.reason, "second");
    assert!(summary.condition.is_good() && !entries[0].pinned);
    let read = read(&shelf.ports, &shelf.place, &web(), &first).await;
    let read = read.unwrap().unwrap().content.unwrap();
    assert_eq!(read.reason(), "first");
    assert_eq!(read.id(), first);
    assert_eq!(
        shelf.names(),
        [
            format!("main/web/123456789012/eu-west-1/{first}.json"),
            format!("main/web/123456789012/eu-west-1/{second}.json")
        ]
    );
    delete(&shelf.ports, &shelf.place, &web(), &first)
        .await
        .unwrap();
    delete(&shelf.ports, &shelf.place, &web(), &first)
        .await
        .unwrap();
    assert_eq!(ids(&shelf).await, [second]);
}

#[tokio::test]
async fn the_same_twice_is_one_snapshot() {
    let account = steady().await;
    let shelf = Shelf::of(&account.ports);
    let one = take_one(&shelf, "same", 10).await;
    assert_eq!(take_one(&shelf, "same", 10).await, one);
    assert_ne!(take_one(&shelf, "other", 10).await, one);
    assert_eq!(shelf.names().len(), 2);
}

#[tokio::test]
async fn what_lies_under_the_name_and_is_something_else_is_not_touched() {
    let account = steady().await;
    let shelf = Shelf::of(&account.ports);
    let snapshot = captured(&shelf.ports, "by hand").await;
    let name = format!("main/web/123456789012/eu-west-1/{}.json", snapshot.id());
    for foreign in ["", "half a sna"] {
        shelf.memory.put(&shelf.place, &name, foreign.as_bytes());
        let error = take(&shelf.ports, &shelf.place, None, &snapshot, &keeping(1)).await;
        let error = error.unwrap_err();
        assert_eq!(error.kind, ErrorKind::AlreadyExists);
        assert!(error.to_string().contains("it was not changed"), "{error}");
        let there = shelf.memory.read(&shelf.place, &name).await.unwrap();
        assert_eq!(there, Some(foreign.as_bytes().to_vec()));
    }
}

#[tokio::test]
async fn what_cannot_be_read_is_listed_with_the_reason_and_never_deleted() {
    let account = steady().await;
    let shelf = Shelf::of(&account.ports);
    let snapshot = captured(&shelf.ports, "by hand").await;
    let whole = snapshot.to_json();
    let mut other = web();
    other.name = "api".to_owned();
    let put = |name: &str, text: &str| {
        shelf
            .memory
            .put(&shelf.place, &format!("main/web/{name}"), text.as_bytes());
    };
    put("20200101T000000Z-00000001.json", "");
    put("20200101T000000Z-00000002.json", whole.get(..500).unwrap());
    put("20200101T000000Z-00000003.json", "{}");
    put(
        "20200101T000000Z-00000004.json",
        &whole.replace("app:1", "app:9"),
    );
    put("20200101T000000Z-00000005.json", &whole);
    put("20200101T000000Z-00000006.json", &"x".repeat(5_000_000));
    put("notes.txt", "nobody's business");
    put("deeper/20200101T000000Z-00000007.json", "");
    let name = format!("main/api/{}.json", snapshot.id());
    shelf.memory.put(&shelf.place, &name, whole.as_bytes());

    let entries = list(&shelf.ports, &shelf.place, &web()).await.unwrap();
    let reasons: Vec<_> = entries
        .iter()
        .rev()
        .map(|entry| entry.content.clone().unwrap_err())
        .collect();
    assert!(
        matches!(
            reasons.as_slice(),
            [
                Unreadable::Empty,
                Unreadable::Truncated { size: 500 },
                Unreadable::Foreign { .. },
                Unreadable::Checksum { .. },
                Unreadable::OtherId { .. },
                Unreadable::TooLarge { size: 5_000_000 },
            ]
        ),
        "{reasons:?}"
    );
    let elsewhere = read(&shelf.ports, &shelf.place, &other, &snapshot.id()).await;
    assert!(matches!(
        elsewhere.unwrap().unwrap().content,
        Err(Unreadable::OtherService { .. })
    ));

    let before = shelf.names().len();
    let taken = take(&shelf.ports, &shelf.place, None, &snapshot, &keeping(1)).await;
    assert_eq!(taken.unwrap().pruned, []);
    assert_eq!(shelf.names().len(), before + 1);
}

#[tokio::test]
async fn retention_leaves_what_is_pinned_and_takes_it_when_it_is_not_any_more() {
    let account = steady().await;
    let shelf = Shelf::of(&account.ports);
    let first = take_one(&shelf, "first", 1).await;
    pin(&shelf.ports, &shelf.place, &web(), &first)
        .await
        .unwrap();
    pin(&shelf.ports, &shelf.place, &web(), &first)
        .await
        .unwrap();
    pass(&shelf.ports, 5).await;
    let second = take_one(&shelf, "second", 1).await;
    assert_eq!(ids(&shelf).await, [second, first]);
    unpin(&shelf.ports, &shelf.place, &web(), &first)
        .await
        .unwrap();
    unpin(&shelf.ports, &shelf.place, &web(), &first)
        .await
        .unwrap();
    pass(&shelf.ports, 5).await;
    let third = take_one(&shelf, "third", 1).await;
    assert_eq!(ids(&shelf).await, [third]);
    assert_eq!(shelf.names().len(), 1);
}

#[tokio::test]
async fn a_pin_that_holds_nothing_is_refused_and_leaves_nothing() {
    let account = steady().await;
    let shelf = Shelf::of(&account.ports);
    let gone = "20200101T000000Z-00000001".parse().unwrap();
    let error = pin(&shelf.ports, &shelf.place, &web(), &gone).await;
    let error = error.unwrap_err();
    assert_eq!(error.kind, ErrorKind::NotFound);
    assert!(
        error
            .to_string()
            .contains("there is no snapshot `20200101T000000Z-00000001`")
    );
    assert_eq!(shelf.names(), Vec::<String>::new());
}

#[tokio::test]
async fn a_copy_is_kept_like_the_original_and_pins_hold_for_it() {
    let account = steady().await;
    let shelf = Shelf::of(&account.ports);
    let copy = Place::Bucket {
        bucket: "copies".to_owned(),
        prefix: "far/".to_owned(),
        region: Some("eu-central-1".to_owned()),
        kms_key: None,
    };
    let mut taken = Vec::new();
    for reason in ["first", "second", "third"] {
        let snapshot = captured(&shelf.ports, reason).await;
        let one = take(
            &shelf.ports,
            &shelf.place,
            Some(&copy),
            &snapshot,
            &keeping(1),
        )
        .await;
        let one = one.unwrap();
        let location = one.copied.as_ref().unwrap().as_ref().unwrap();
        assert_eq!(
            location,
            &format!(
                "s3://copies/far/main/web/123456789012/eu-west-1/{}.json",
                one.id
            )
        );
        pin(&shelf.ports, &shelf.place, &web(), &one.id)
            .await
            .unwrap();
        if reason == "second" {
            unpin(&shelf.ports, &shelf.place, &web(), &one.id)
                .await
                .unwrap();
        }
        taken.push(one);
        pass(&shelf.ports, 5).await;
    }
    assert_eq!(taken[2].pruned, [taken[1].id]);
    assert_eq!(taken[2].copies_pruned, [taken[1].id]);
    let copies = list(&shelf.ports, &copy, &web()).await.unwrap();
    let copies: Vec<_> = copies.into_iter().map(|entry| entry.id).collect();
    assert_eq!(copies, [taken[2].id, taken[0].id]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_takers_at_once_lose_nothing() {
    let account = steady().await;
    let shelf = Shelf::of(&account.ports);
    let mut snapshots = Vec::new();
    for nth in 0..40 {
        snapshots.push(captured(&shelf.ports, &format!("taker {nth}")).await);
    }
    let takers = snapshots.iter().cloned().map(|snapshot: Snapshot| {
        let (ports, place) = (shelf.ports.clone(), shelf.place.clone());
        tokio::spawn(async move {
            let taken = take(&ports, &place, None, &snapshot, &keeping(100)).await;
            (taken.unwrap().id, snapshot.id())
        })
    });
    for ended in join_all(takers).await {
        let (taken, wanted) = ended.unwrap();
        assert_eq!(taken, wanted);
    }
    let entries = list(&shelf.ports, &shelf.place, &web()).await.unwrap();
    assert_eq!(entries.len(), 40);
    assert!(entries.iter().all(|entry| entry.content.is_ok()));

    // The same with everybody pruning at the same time: the newest three stay.
    let mut newest: Vec<_> = entries.iter().map(|entry| entry.id).collect();
    newest.truncate(3);
    let takers = snapshots.iter().cloned().map(|snapshot: Snapshot| {
        let (ports, place) = (shelf.ports.clone(), shelf.place.clone());
        tokio::spawn(async move { take(&ports, &place, None, &snapshot, &keeping(3)).await })
    });
    for ended in join_all(takers).await {
        assert!(ended.unwrap().unwrap().not_pruned.is_none());
    }
    let left = ids(&shelf).await;
    assert!(newest.iter().all(|id| left.contains(id)), "{left:?}");
}
