//! Every call fails once, or loses its answer.

use switchyard_engine::ports::{ErrorKind, Ports};
use switchyard_engine::snapshot::{
    Snapshot, SnapshotId, capture, delete, list, pin, read, take, unpin,
};

use crate::{Shelf, captured, keeping, pass, steady, web};
use switchyard_support::intercept::{Fault, Intercept, Selector};

const FAULTS: [Fault; 3] = [
    Fault::Fails(ErrorKind::Denied),
    Fault::Fails(ErrorKind::Unavailable),
    Fault::AnswerLost,
];

/// A shelf with snapshots that retention lets go at the next one, and that next one.
async fn laden(ports: &Ports) -> (Shelf, Vec<SnapshotId>, Snapshot) {
    let shelf = Shelf::of(ports);
    let mut old = Vec::new();
    for reason in ["first", "second", "third"] {
        let snapshot = captured(ports, reason).await;
        let taken = take(&shelf.ports, &shelf.place, None, &snapshot, &keeping(10)).await;
        old.push(taken.unwrap().id);
        pass(ports, 5).await;
    }
    (shelf, old, captured(ports, "next").await)
}

#[tokio::test]
async fn a_read_that_fails_fails_the_capture() {
    let account = steady().await;
    let calls = Intercept::new(account.ports.clone());
    captured(&calls.ports(), "by hand").await;
    let calls = calls.calls();
    assert!(calls.len() > 7, "{calls:?}");
    for nth in 0..calls.len() {
        for kind in [
            ErrorKind::Denied,
            ErrorKind::Unavailable,
            ErrorKind::Unexpected,
        ] {
            let intercept =
                Intercept::new(account.ports.clone()).with(Selector::Nth(nth), Fault::Fails(kind));
            let error = capture(&intercept.ports(), &web(), "by hand").await;
            assert_eq!(error.unwrap_err().kind, kind, "call {nth}");
        }
    }
}

#[tokio::test]
async fn whatever_fails_a_snapshot_is_stored_or_the_error_says_it_is_not() {
    let account = steady().await;
    let (shelf, _, next) = laden(&account.ports).await;
    let whole = Intercept::new(shelf.ports.clone());
    take(&whole.ports(), &shelf.place, None, &next, &keeping(2))
        .await
        .unwrap();
    let calls = whole.calls();
    assert!(calls.contains(&"store:Delete"), "{calls:?}");
    for (nth, name) in calls.iter().enumerate() {
        for fault in FAULTS {
            let (shelf, old, next) = laden(&account.ports).await;
            let before = shelf.names();
            let intercept = Intercept::new(shelf.ports.clone()).with(Selector::Nth(nth), fault);
            let taken = take(&intercept.ports(), &shelf.place, None, &next, &keeping(2)).await;
            let entries = list(&shelf.ports, &shelf.place, &web()).await.unwrap();
            let left: Vec<_> = entries.iter().map(|entry| entry.id).collect();
            let call = format!("{name} ({nth}), {fault:?}");
            match taken {
                Err(_) => assert_eq!(shelf.names(), before, "{call}"),
                Ok(taken) => {
                    assert!(left.contains(&next.id()), "{call}");
                    assert!(left.contains(&old[2]), "{call}");
                    for id in &taken.pruned {
                        assert!(old[..2].contains(id) && !left.contains(id), "{call}");
                    }
                    if taken.not_pruned.is_none() {
                        assert_eq!(left, [next.id(), old[2]], "{call}");
                    }
                }
            }
            // Once more, and all is as if nothing had been.
            let again = take(&shelf.ports, &shelf.place, None, &next, &keeping(2)).await;
            assert!(again.unwrap().not_pruned.is_none(), "{call}");
            let entries = list(&shelf.ports, &shelf.place, &web()).await.unwrap();
            let left: Vec<_> = entries.iter().map(|entry| entry.id).collect();
            assert_eq!(left, [next.id(), old[2]], "{call}");
        }
    }
}

#[tokio::test]
async fn a_copy_that_fails_is_told_and_the_original_is_stored() {
    let account = steady().await;
    let (shelf, old, next) = laden(&account.ports).await;
    let copy = switchyard_engine::ports::Place::Folder("copies".to_owned());
    let intercept =
        Intercept::new(shelf.ports.clone()).with(Selector::Nth(1), Fault::Fails(ErrorKind::Denied));
    let ports = intercept.ports();
    let taken = take(&ports, &shelf.place, Some(&copy), &next, &keeping(2)).await;
    let taken = taken.unwrap();
    assert_eq!(taken.copied.unwrap().unwrap_err().kind, ErrorKind::Denied);
    assert_eq!(taken.pruned, old[..2]);
    let read = read(&shelf.ports, &shelf.place, &web(), &next.id()).await;
    assert_eq!(read.unwrap().unwrap().content, Ok(next));
}

#[tokio::test]
async fn listing_reading_and_pinning_tell_what_failed() {
    let account = steady().await;
    for nth in 0..8 {
        let (shelf, old, _) = laden(&account.ports).await;
        let fault = Fault::Fails(ErrorKind::Unavailable);
        let failing = || Intercept::new(shelf.ports.clone()).with(Selector::Nth(nth), fault);
        let (place, service, id) = (&shelf.place, &web(), &old[0]);
        let calls = [
            (4, list(&failing().ports(), place, service).await.map(drop)),
            (
                2,
                read(&failing().ports(), place, service, id).await.map(drop),
            ),
            (3, pin(&failing().ports(), place, service, id).await),
            (1, unpin(&failing().ports(), place, service, id).await),
            (3, delete(&failing().ports(), place, service, id).await),
        ];
        for (made, ended) in calls {
            let failed = ended.map_err(|error| error.kind);
            match nth < made {
                true => assert_eq!(failed, Err(ErrorKind::Unavailable)),
                false => assert_eq!(failed, Ok(())),
            }
        }
    }
}

/// A service is set to go back to a snapshot in the very moment in which retention deletes it.
#[tokio::test]
async fn what_is_pinned_while_it_is_deleted_comes_back() {
    let account = steady().await;
    let (shelf, old, next) = laden(&account.ports).await;
    let (memory, place) = (shelf.memory.clone(), shelf.place.clone());
    let pin = format!("main/web/123456789012/eu-west-1/{}.pin", old[0]);
    let intercept = Intercept::new(shelf.ports.clone()).before_each(move |_, call| {
        if call == "store:Delete" {
            memory.put(&place, &pin, b"pinned\n");
        }
    });
    let taken = take(&intercept.ports(), &shelf.place, None, &next, &keeping(2)).await;
    let taken = taken.unwrap();
    assert!(taken.not_pruned.is_none());
    assert_eq!(taken.pruned, [old[1]]);
    let entries = list(&shelf.ports, &shelf.place, &web()).await.unwrap();
    let left: Vec<_> = entries
        .iter()
        .map(|entry| (entry.id, entry.pinned))
        .collect();
    assert_eq!(left, [(next.id(), false), (old[2], false), (old[0], true)]);
}
