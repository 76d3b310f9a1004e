//! Windows. Written from the documentation; never run.

use std::{io, sync::mpsc::Sender};

use tokio::signal::windows::{ctrl_break, ctrl_c, ctrl_close};

use super::super::{
    environment::Start,
    event::{End, Event},
};

/// Windows gives the children of a process that has ended no other parent, so nothing can be seen from it: the same
/// every time. When Terraform ends, its connection closes, and that is noticed.
pub(in crate::transport) fn parent_id() -> u32 {
    0
}

/// Cannot be asked without writing.
pub(in crate::transport) fn stdout_is_closed() -> bool {
    false
}

/// Ctrl-C and Ctrl-Break reach every process of the console: with Terraform in charge they are swallowed, since it gets
/// them too, and asks through `StopProvider`; in debug mode they end the process. A console that closes is what SIGHUP
/// is elsewhere.
pub(in crate::transport) fn forward_signals(
    start: Start,
    events: &Sender<Event>,
) -> io::Result<()> {
    let (mut pressed, mut broken, mut closed) = (ctrl_c()?, ctrl_break()?, ctrl_close()?);
    let events = events.clone();
    tokio::spawn(async move {
        loop {
            let event = tokio::select! {
                Some(()) = pressed.recv() => interruption(start),
                Some(()) = broken.recv() => interruption(start),
                Some(()) = closed.recv() => Some(Event::HangUp),
                else => return,
            };
            if let Some(event) = event {
                events.send(event).ok();
            }
        }
    });
    Ok(())
}

fn interruption(start: Start) -> Option<Event> {
    match start {
        Start::Debug => Some(Event::End(End::Interrupted)),
        Start::Terraform | Start::Human => None,
    }
}

/// There are none. The types keep the rest of the transport free of conditions; no value of them can be made.
pub(in crate::transport) mod socket {
    use std::{
        convert::Infallible,
        io,
        path::{Path, PathBuf},
    };

    use super::super::super::duplex::Duplex;

    pub(in crate::transport) type SocketListener = Infallible;

    #[derive(Debug)]
    pub(in crate::transport) struct SocketFolder(Infallible);

    pub(in crate::transport) fn bind(_: &Path) -> io::Result<(SocketListener, SocketFolder)> {
        Err(io::Error::from(io::ErrorKind::Unsupported))
    }

    pub(in crate::transport) async fn accept(
        never: &SocketListener,
    ) -> io::Result<Box<dyn Duplex>> {
        match *never {}
    }

    impl SocketFolder {
        pub(in crate::transport) fn socket(&self) -> PathBuf {
            match self.0 {}
        }
    }
}
