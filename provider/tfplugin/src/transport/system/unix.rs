//! Linux and macOS.

use std::{io, sync::mpsc::Sender};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use tokio::signal::unix::{SignalKind, signal};

use super::super::{
    environment::Start,
    event::{End, Event},
};

pub(in crate::transport) use std::os::unix::process::parent_id;

/// Whether the other end of stdout is closed: the process that started us is gone, or has given us up. Never true of a
/// file, and of whatever cannot be asked.
pub(in crate::transport) fn stdout_is_closed() -> bool {
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

/// SIGINT reaches the whole foreground process group on Ctrl-C: with Terraform in charge it is swallowed
/// (installing a handler is what keeps the default action away), in debug mode it is how a human ends the
/// process. SIGTERM and SIGHUP are the supervisor's to judge, each time they come.
pub(in crate::transport) fn forward_signals(
    start: Start,
    events: &Sender<Event>,
) -> io::Result<()> {
    forward(SignalKind::terminate(), Event::Terminate, events)?;
    forward(SignalKind::hangup(), Event::HangUp, events)?;
    match start {
        Start::Debug => forward(
            SignalKind::interrupt(),
            Event::End(End::Interrupted),
            events,
        ),
        Start::Terraform | Start::Human => signal(SignalKind::interrupt()).map(drop),
    }
}

fn forward(kind: SignalKind, event: Event, events: &Sender<Event>) -> io::Result<()> {
    let mut stream = signal(kind)?;
    let events = events.clone();
    tokio::spawn(async move {
        while stream.recv().await.is_some() {
            events.send(event).ok();
        }
    });
    Ok(())
}
