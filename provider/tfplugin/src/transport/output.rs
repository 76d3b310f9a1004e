//! Whether anybody still reads our stdout.

use std::io;

use rustix::event::{PollFd, PollFlags, Timespec, poll};

/// Whether the other end of stdout is closed: the process that started us is gone, or has given us up. Never true of a
/// file, and of whatever cannot be asked.
pub(super) fn is_gone() -> bool {
    let stdout = io::stdout();
    let mut asked = [PollFd::new(&stdout, PollFlags::empty())];
    let at_once = Timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    poll(&mut asked, Some(&at_once)).is_ok()
        && asked
            .iter()
            .any(|found| found.revents().intersects(PollFlags::ERR | PollFlags::HUP))
}
