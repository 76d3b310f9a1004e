//! How much of a place is read.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use jiff::SignedDuration;
use switchyard_engine::ports::{ObjectStore, Place, PlaceFacts, Result, StoredObject, Written};
use switchyard_engine::snapshot::{self, Entry, Retention, names, names_own, read, take};
use switchyard_world::ports::MemoryObjects;

use crate::{Shelf, captured, keeping, pass, steady, web};

/// A store that counts what is read of it.
struct Counting {
    memory: MemoryObjects,
    reads: AtomicUsize,
}

#[async_trait::async_trait]
impl ObjectStore for Counting {
    async fn list(&self, place: &Place, prefix: &str) -> Result<Vec<StoredObject>> {
        self.memory.list(place, prefix).await
    }

    async fn read(&self, place: &Place, name: &str) -> Result<Option<Vec<u8>>> {
        self.reads.fetch_add(1, Ordering::SeqCst);
        self.memory.read(place, name).await
    }

    async fn write_new(&self, place: &Place, name: &str, bytes: &[u8]) -> Result<Written> {
        self.memory.write_new(place, name, bytes).await
    }

    async fn delete(&self, place: &Place, name: &str) -> Result<()> {
        self.memory.delete(place, name).await
    }

    async fn facts(&self, place: &Place) -> Result<PlaceFacts> {
        self.memory.facts(place).await
    }
}

/// The shelf, and how often it was read since the last look.
fn counted(shelf: &mut Shelf) -> impl Fn() -> usize + use<> {
    let counting = Arc::new(Counting {
        memory: shelf.memory.clone(),
        reads: AtomicUsize::new(0),
    });
    shelf.ports.snapshots = Arc::clone(&counting) as _;
    move || counting.reads.swap(0, Ordering::SeqCst)
}

#[tokio::test]
async fn among_ten_thousand_snapshots_only_what_is_wanted_is_read() {
    let account = steady().await;
    let mut shelf = Shelf::of(&account.ports);
    let newest = captured(&shelf.ports, "newest").await;
    take(&shelf.ports, &shelf.place, None, &newest, &keeping(10_001))
        .await
        .unwrap();
    let own = shelf.names().remove(0);
    let folder = own.rsplit_once('/').unwrap().0;
    for number in 0..10_000 {
        let name = format!("{folder}/20240101T000000Z-{number:08x}.json");
        let written = shelf.memory.write_new(&shelf.place, &name, b"{}").await;
        assert_eq!(written.unwrap(), Written::New);
    }
    let reads = counted(&mut shelf);
    let names = names_own(&shelf.ports, &shelf.place, &web()).await.unwrap();
    assert_eq!((names.len(), names[0].id), (10_001, newest.id()));
    assert_eq!(reads(), 0);
    let fits = |entry: &Entry| entry.content.is_ok();
    let found = snapshot::newest(&shelf.ports, &shelf.place, &web(), &names, fits).await;
    assert_eq!(found.unwrap().unwrap().id, newest.id());
    assert_eq!(reads(), 1);
    let stored = read(&shelf.ports, &shelf.place, &web(), &newest.id()).await;
    assert!(stored.unwrap().unwrap().content.is_ok());
    assert_eq!(reads(), 1);
    // As long as nothing may go, retention reads nothing either.
    pass(&shelf.ports, 1).await;
    let next = captured(&shelf.ports, "next").await;
    let retention = Retention {
        age: SignedDuration::from_hours(24 * 365 * 100),
        ..keeping(10_002)
    };
    let taken = take(&shelf.ports, &shelf.place, None, &next, &retention).await;
    assert_eq!(taken.unwrap().pruned, []);
    assert_eq!(reads(), 0);
}

#[tokio::test]
async fn retention_reads_what_stays_by_count_and_what_goes() {
    let account = steady().await;
    let mut shelf = Shelf::of(&account.ports);
    let all = keeping(1000);
    for number in 0..60 {
        let next = captured(&shelf.ports, &format!("number {number}")).await;
        let taken = take(&shelf.ports, &shelf.place, None, &next, &all).await;
        assert_eq!(taken.unwrap().pruned, []);
        pass(&shelf.ports, 1).await;
    }
    let reads = counted(&mut shelf);
    let next = captured(&shelf.ports, "next").await;
    let taken = take(&shelf.ports, &shelf.place, None, &next, &keeping(60)).await;
    assert_eq!(taken.unwrap().pruned.len(), 1);
    // Sixty that stay, one that goes; that one again with its pin, before and after it went.
    let whole = reads();
    assert!((61..=70).contains(&whole), "{whole}");
    pass(&shelf.ports, 1).await;
    let next = captured(&shelf.ports, "last").await;
    let few = Retention {
        keep: names(&shelf.ports, &shelf.place, &web())
            .await
            .unwrap()
            .iter()
            .skip(12)
            .map(|named| named.id)
            .collect(),
        ..keeping(10)
    };
    let taken = take(&shelf.ports, &shelf.place, None, &next, &few).await;
    assert_eq!(taken.unwrap().pruned.len(), 3);
    let part = reads();
    assert!(
        part <= 30,
        "{part} reads for ten that stay and three that go"
    );
}
