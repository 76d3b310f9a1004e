//! Stored snapshots.

use serde_json::Value;
use switchyard_engine::snapshot::{Snapshot, Unreadable};

/// What is read is written as it was, and everything that is asked of it has an answer.
pub fn snapshot(input: &[u8]) {
    match Snapshot::parse(input) {
        Ok(read) => holds(&read),
        // A checksum that is wrong keeps everything behind it from being looked at: with the right one it is.
        Err(Unreadable::Checksum { computed, .. }) => {
            if let Ok(Value::Object(mut members)) = serde_json::from_slice(input) {
                members.insert("checksum".to_owned(), Value::from(computed));
                match Snapshot::parse(Value::Object(members).to_string().as_bytes()) {
                    Ok(read) => holds(&read),
                    Err(Unreadable::Checksum { stated, computed }) => {
                        panic!("the checksum changes with itself: {stated}, {computed}")
                    }
                    Err(refused) => drop(refused.to_string()),
                }
            }
        }
        Err(refused) => drop(refused.to_string()),
    }
}

fn holds(read: &Snapshot) {
    assert_eq!(
        Snapshot::parse(read.to_json().as_bytes()).as_ref(),
        Ok(read)
    );
    assert_eq!(read.id().taken_at(), read.taken_at());
    drop((
        read.service(),
        read.home(),
        read.images(),
        read.condition().word(),
    ));
}
