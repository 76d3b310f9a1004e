//! Objects in memory that fail when a test says so, and count.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use switchyard_engine::ports::{
    Error, ErrorKind, ObjectStore, Place, PlaceFacts, Result, StoredObject, Written,
};
use switchyard_world::ports::MemoryObjects;

/// How a call fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// It has no effect.
    Fails(ErrorKind),
    /// It takes effect, and the answer is lost.
    AnswerLost,
}

/// Which calls fail.
#[derive(Clone, Debug)]
pub(crate) enum Which {
    /// The n-th of all, from 0.
    Nth(usize),
    /// Every one of this operation in this place.
    In(&'static str, Place),
}

/// An [`ObjectStore`] in memory. Clones share everything.
#[derive(Clone, Default)]
pub(crate) struct Store {
    pub(crate) objects: MemoryObjects,
    script: Arc<Mutex<Script>>,
}

#[derive(Default)]
struct Script {
    calls: Vec<&'static str>,
    fault: Option<(Which, Fault)>,
    facts: PlaceFacts,
}

impl Store {
    pub(crate) fn fails(&self, which: Which, fault: Fault) {
        self.script.lock().unwrap().fault = Some((which, fault));
    }

    pub(crate) fn works(&self) {
        self.script.lock().unwrap().fault = None;
    }

    /// What every place promises.
    pub(crate) fn promises(&self, facts: PlaceFacts) {
        self.script.lock().unwrap().facts = facts;
    }

    pub(crate) fn calls(&self) -> Vec<&'static str> {
        self.script.lock().unwrap().calls.clone()
    }

    fn fault(&self, operation: &'static str, place: &Place) -> Option<Fault> {
        let mut script = self.script.lock().unwrap();
        let nth = script.calls.len();
        script.calls.push(operation);
        let (which, fault) = script.fault.as_ref()?;
        let strikes = match which {
            Which::Nth(index) => *index == nth,
            Which::In(name, at) => *name == operation && at == place,
        };
        strikes.then_some(*fault)
    }

    async fn call<T>(
        &self,
        operation: &'static str,
        place: &Place,
        call: impl Future<Output = Result<T>>,
    ) -> Result<T> {
        let error = |kind| Error {
            operation,
            target: "the place".to_owned(),
            kind,
            code: format!("{kind:?}"),
            message: format!("{operation}: {kind:?} by plan"),
            request_id: None,
        };
        match self.fault(operation, place) {
            None => call.await,
            Some(Fault::Fails(kind)) => Err(error(kind)),
            Some(Fault::AnswerLost) => {
                call.await?;
                Err(error(ErrorKind::Timeout))
            }
        }
    }
}

#[async_trait]
impl ObjectStore for Store {
    async fn list(&self, place: &Place, prefix: &str) -> Result<Vec<StoredObject>> {
        self.call("s3:ListObjectsV2", place, self.objects.list(place, prefix))
            .await
    }

    async fn read(&self, place: &Place, name: &str) -> Result<Option<Vec<u8>>> {
        self.call("s3:GetObject", place, self.objects.read(place, name))
            .await
    }

    async fn write_new(&self, place: &Place, name: &str, bytes: &[u8]) -> Result<Written> {
        self.call(
            "s3:PutObject",
            place,
            self.objects.write_new(place, name, bytes),
        )
        .await
    }

    async fn delete(&self, place: &Place, name: &str) -> Result<()> {
        self.call("s3:DeleteObject", place, self.objects.delete(place, name))
            .await
    }

    async fn facts(&self, place: &Place) -> Result<PlaceFacts> {
        let facts = self.script.lock().unwrap().facts.clone();
        self.call("s3:GetBucketVersioning", place, async { Ok(facts) })
            .await
    }
}
