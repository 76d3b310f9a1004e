//! Memory and processor time of processes, from the kernel's own files.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::Duration;

use crate::figures::Watched;
use crate::unmeasured::{Attempt as _, Unmeasured};

/// Pause between looks at the processes of a plan.
const LOOK_EVERY: Duration = Duration::from_millis(1);
/// The kernel counts processor time for user programs in hundredths of a second.
const TICK: Duration = Duration::from_millis(10);
/// The kernel keeps the first fifteen characters of a program's name.
const PROVIDER: &str = "terraform-provi";

/// What the kernel says about a process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Status {
    /// Its name, cut to fifteen characters.
    pub(crate) name: String,
    /// Its parent.
    pub(crate) parent: u32,
    /// Peak resident memory in KiB: `VmHWM`, not the resource usage's maximum, which a process inherits from
    /// the one that forked it.
    pub(crate) peak_kib: u64,
}

/// The status of a running process.
pub(crate) fn status(id: u32) -> Result<Status, Unmeasured> {
    let what = "reading a process's status";
    let text = std::fs::read_to_string(format!("/proc/{id}/status")).attempt(what)?;
    parse_status(&text).ok_or_else(|| Unmeasured::new(what, "a field is missing"))
}

fn parse_status(text: &str) -> Option<Status> {
    let field = |name: &str| {
        let line = text.lines().find(|line| line.starts_with(name))?;
        line.split_once(':').map(|(_, value)| value.trim())
    };
    Some(Status {
        name: field("Name:")?.to_owned(),
        parent: field("PPid:")?.parse().ok()?,
        peak_kib: field("VmHWM:")?.split_whitespace().next()?.parse().ok()?,
    })
}

/// Processor time of the ended children of this process, and of theirs.
pub(crate) fn children_processor() -> Result<Duration, Unmeasured> {
    let what = "reading processor time";
    let text = std::fs::read_to_string("/proc/self/stat").attempt(what)?;
    ticks(&text, [13, 14]).ok_or_else(|| Unmeasured::new(what, "a field is missing"))
}

/// Sum of two fields of a `stat` file, counted from the one after the name.
fn ticks(stat: &str, fields: [usize; 2]) -> Option<Duration> {
    // A name may contain blanks and brackets; the last bracket ends it.
    let (_, rest) = stat.rsplit_once(')')?;
    let values: Vec<_> = rest.split_whitespace().collect();
    let field = |index: usize| values.get(index)?.parse::<u32>().ok();
    Some(TICK * (field(fields[0])? + field(fields[1])?))
}

/// Watches a command and the providers below it until `ended` closes.
pub(crate) fn watch(command: u32, ended: &Receiver<()>) -> Watched {
    let mut family = Family::of(command);
    loop {
        family.look();
        match ended.recv_timeout(LOOK_EVERY) {
            Err(RecvTimeoutError::Timeout) => {}
            Ok(()) | Err(RecvTimeoutError::Disconnected) => return family.watched(),
        }
    }
}

/// A command and its descendants.
#[derive(Debug)]
struct Family {
    command: u32,
    members: BTreeSet<u32>,
    strangers: BTreeSet<u32>,
    terraform_peak_kib: u64,
    providers: BTreeMap<u32, (u64, Duration)>,
}

impl Family {
    fn of(command: u32) -> Self {
        Self {
            command,
            members: BTreeSet::from([command]),
            strangers: BTreeSet::new(),
            terraform_peak_kib: 0,
            providers: BTreeMap::new(),
        }
    }

    fn look(&mut self) {
        for id in processes() {
            if self.strangers.contains(&id) {
                continue;
            }
            // A process may end between two reads; what was seen of it stays.
            let Ok(status) = status(id) else { continue };
            if self.members.contains(&id) || self.members.contains(&status.parent) {
                self.members.insert(id);
                self.record(id, &status);
            } else {
                self.strangers.insert(id);
            }
        }
    }

    fn record(&mut self, id: u32, status: &Status) {
        if id == self.command {
            self.terraform_peak_kib = self.terraform_peak_kib.max(status.peak_kib);
        } else if status.name == PROVIDER {
            let stat = std::fs::read_to_string(format!("/proc/{id}/stat")).unwrap_or_default();
            let (peak, processor) = self.providers.entry(id).or_default();
            *peak = (*peak).max(status.peak_kib);
            *processor = (*processor).max(ticks(&stat, [11, 12]).unwrap_or_default());
        }
    }

    fn watched(&self) -> Watched {
        let providers = self.providers.values();
        Watched {
            providers: self.providers.len(),
            provider_peak_kib: providers.clone().map(|one| one.0).max().unwrap_or_default(),
            terraform_peak_kib: self.terraform_peak_kib,
            provider_processor: providers.map(|one| one.1).sum(),
        }
    }
}

fn processes() -> impl Iterator<Item = u32> {
    let entries = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_file_is_read() {
        let text =
            "Name:\tterraform-provi\nPid:\t7\nPPid:\t5\nVmPeak:\t  900 kB\nVmHWM:\t  410 kB\n";
        let status = parse_status(text).unwrap();
        assert_eq!(
            (status.name.as_str(), status.parent, status.peak_kib),
            (PROVIDER, 5, 410)
        );
    }

    #[test]
    fn a_process_without_memory_has_no_status() {
        assert_eq!(parse_status("Name:\tkthreadd\nPPid:\t0\n"), None);
    }

    #[test]
    fn names_may_contain_what_separates_fields() {
        let stat = "7 (a ) b) S 5 7 7 0 -1 0 0 0 0 0 12 3 40 5 20";
        assert_eq!(ticks(stat, [11, 12]), Some(Duration::from_millis(150)));
        assert_eq!(ticks(stat, [13, 14]), Some(Duration::from_millis(450)));
    }
}
