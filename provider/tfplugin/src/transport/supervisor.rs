//! When the process ends.
//!
//! Runs on the main thread with nothing but the standard library, so that it works even when every
//! worker of the async runtime is busy.

use std::{
    sync::mpsc::{Receiver, RecvTimeoutError, TryRecvError},
    time::Duration,
};

use super::{
    environment::Start,
    event::{End, Event},
    system,
};

/// How often the parent and stdout are looked at. Two system calls.
const TICK: Duration = Duration::from_millis(500);

/// Ticks without any connection after which the client is given up: three seconds once it had connected,
/// since go-plugin holds one connection for its whole life, and two minutes before, twice as long as
/// go-plugin waits for a plugin to start.
const LOST_AFTER: u32 = 6;
const NEVER_AFTER: u32 = 240;

/// What an event asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Next {
    GoOn,
    /// Running operations finish early; their answers are still wanted.
    Cancel,
    End(End),
}

impl From<Option<End>> for Next {
    fn from(end: Option<End>) -> Self {
        end.map_or(Self::GoOn, Self::End)
    }
}

/// Whether the process ends with its client.
#[derive(Debug)]
pub(super) enum Watch {
    /// A child of Terraform: it does.
    Client(Client),
    /// Debug mode: clients come and go. It outlives the shell that started it, or whoever read its stdout, but not both:
    /// then nobody is left who could end it.
    Nobody {
        /// Process id of the parent at start.
        parent: u32,
    },
}

/// What is looked at on every tick.
#[derive(Debug, Clone, Copy)]
struct Around {
    parent: u32,
    /// The other end of stdout is closed.
    unheard: bool,
}

impl Watch {
    /// `parent` is the process id of the parent when the process began.
    pub(super) fn of(start: Start, parent: u32) -> Self {
        match start {
            Start::Terraform | Start::Human => Self::Client(Client::new(parent)),
            Start::Debug => Self::Nobody { parent },
        }
    }

    fn event(&mut self, event: Event) -> Next {
        match (event, self) {
            (Event::End(end), _) => Next::End(end),
            (Event::Connected, Self::Client(client)) => {
                client.connected();
                Next::GoOn
            }
            (Event::Disconnected, Self::Client(client)) => client.disconnected().into(),
            (Event::HangUp, Self::Client(client)) => client.hang_up().into(),
            (Event::Terminate, Self::Client(client)) => client.terminate(),
            // Nobody waits for a state that would have to be saved.
            (Event::HangUp | Event::Terminate, Self::Nobody { .. }) => Next::End(End::Terminated),
            (Event::Connected | Event::Disconnected, Self::Nobody { .. }) => Next::GoOn,
        }
    }

    fn tick(&mut self, around: Around) -> Option<End> {
        match self {
            Self::Client(client) => client.tick(around),
            Self::Nobody { parent } => {
                (around.unheard && around.parent != *parent).then_some(End::ParentGone)
            }
        }
    }
}

/// What is known about the client of a child process.
#[derive(Debug)]
pub(super) struct Client {
    /// Process id of the parent at start. It changes when the parent dies, and only then.
    parent: u32,
    connections: usize,
    seen: bool,
    /// Ticks since the last connection closed, or since the start.
    alone: u32,
    /// A signal asked to stop. The client has been asked as well, or will notice its cancelled operations.
    stopping: bool,
}

impl Client {
    fn new(parent: u32) -> Self {
        Self {
            parent,
            connections: 0,
            seen: false,
            alone: 0,
            stopping: false,
        }
    }

    fn connected(&mut self) {
        self.connections = self.connections.saturating_add(1);
        self.seen = true;
        self.alone = 0;
    }

    fn disconnected(&mut self) -> Option<End> {
        self.connections = self.connections.saturating_sub(1);
        (self.stopping && self.connections == 0).then_some(End::Terminated)
    }

    /// The client of a process group that is told to stop wants the answers of what it started, and ends
    /// us itself. Whoever asks twice means us.
    fn terminate(&mut self) -> Next {
        if self.stopping || self.connections == 0 {
            return Next::End(End::Terminated);
        }
        self.stopping = true;
        Next::Cancel
    }

    /// A closed terminal tells its whole process group. Terraform dies of it, which shows in a moment, and then
    /// nobody hears how an operation ends: nothing is cancelled. Where it does not die, it wants its answers.
    fn hang_up(&self) -> Option<End> {
        (self.connections == 0).then_some(End::Terminated)
    }

    fn tick(&mut self, around: Around) -> Option<End> {
        if around.parent != self.parent {
            return Some(End::ParentGone);
        }
        if self.connections > 0 {
            return None;
        }
        if around.unheard {
            return Some(End::Unheard);
        }
        self.alone = self.alone.saturating_add(1);
        match self.seen {
            true if self.alone >= LOST_AFTER => Some(End::ClientGone),
            false if self.alone >= NEVER_AFTER => Some(End::NeverConnected),
            true | false => None,
        }
    }
}

/// Blocks until the process should end. `server` speaks, or falls silent for good, when the server ended;
/// `cancel` makes running operations finish early.
pub(super) fn wait(
    events: &Receiver<Event>,
    server: &Receiver<()>,
    mut watch: Watch,
    cancel: impl Fn(),
) -> End {
    loop {
        let next = match events.recv_timeout(TICK) {
            Ok(event) => watch.event(event),
            Err(RecvTimeoutError::Timeout) => {
                let around = Around {
                    parent: system::parent_id(),
                    unheard: system::stdout_is_closed(),
                };
                watch.tick(around).into()
            }
            Err(RecvTimeoutError::Disconnected) => Next::End(End::ServerStopped),
        };
        match next {
            Next::GoOn => {}
            Next::Cancel => cancel(),
            Next::End(end) => return end,
        }
        match server.try_recv() {
            Ok(()) | Err(TryRecvError::Disconnected) => return End::ServerStopped,
            Err(TryRecvError::Empty) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    const PARENT: u32 = 100;

    /// The parent is `parent`, and somebody reads stdout.
    const fn below(parent: u32) -> Around {
        Around {
            parent,
            unheard: false,
        }
    }

    const UNHEARD: Around = Around {
        parent: PARENT,
        unheard: true,
    };

    fn ticks(client: &mut Client, count: u32) -> Option<End> {
        (0..count).find_map(|_| client.tick(below(PARENT)))
    }

    #[test]
    fn another_parent_ends_it_at_once_even_while_connected() {
        let mut client = Client::new(PARENT);
        client.connected();
        assert_eq!(client.tick(below(PARENT)), None);
        assert_eq!(client.tick(below(1)), Some(End::ParentGone));
    }

    #[test]
    fn operations_are_left_alone_when_nobody_is_there_to_ask() {
        for alone in [End::ClientGone, End::ParentGone, End::Unheard] {
            assert!(alone.leaves_operations(), "{alone}");
        }
        for asked in [End::Interrupted, End::Shutdown, End::Terminated] {
            assert!(!asked.leaves_operations(), "{asked}");
        }
    }

    #[test]
    fn a_connected_client_is_never_given_up() {
        let mut client = Client::new(PARENT);
        client.connected();
        assert_eq!(ticks(&mut client, 100_000), None);
    }

    #[test]
    fn without_a_client_it_ends_when_nobody_reads_its_stdout() {
        let mut client = Client::new(PARENT);
        assert_eq!(client.tick(UNHEARD), Some(End::Unheard));
        client.connected();
        assert_eq!(client.tick(UNHEARD), None);
        client.disconnected();
        assert_eq!(client.tick(UNHEARD), Some(End::Unheard));
    }

    #[test]
    fn debug_mode_ends_when_both_its_parent_and_its_reader_are_gone() {
        let mut watch = Watch::of(Start::Debug, PARENT);
        assert_eq!(watch.tick(UNHEARD), None);
        let gone = Around {
            parent: 1,
            ..UNHEARD
        };
        assert_eq!(watch.tick(gone), Some(End::ParentGone));
    }

    #[test]
    fn a_client_that_left_may_come_back_for_a_while() {
        let mut client = Client::new(PARENT);
        client.connected();
        client.disconnected();
        assert_eq!(ticks(&mut client, LOST_AFTER - 1), None);
        client.connected();
        client.connected();
        client.disconnected();
        assert_eq!(ticks(&mut client, LOST_AFTER), None);
        client.disconnected();
        assert_eq!(ticks(&mut client, LOST_AFTER), Some(End::ClientGone));
    }

    #[test]
    fn a_client_that_never_comes_is_given_up_late() {
        let mut client = Client::new(PARENT);
        assert_eq!(ticks(&mut client, NEVER_AFTER - 1), None);
        assert_eq!(ticks(&mut client, 1), Some(End::NeverConnected));
    }

    #[test]
    fn debug_mode_ends_on_request_only() {
        let mut watch = Watch::of(Start::Debug, PARENT);
        assert_eq!(watch.event(Event::Connected), Next::GoOn);
        assert_eq!(watch.event(Event::Disconnected), Next::GoOn);
        assert!((0..1_000).all(|_| watch.tick(below(1)).is_none()));
        for end in [End::Interrupted, End::Shutdown] {
            assert_eq!(watch.event(Event::End(end)), Next::End(end));
        }
        assert_eq!(watch.event(Event::Terminate), Next::End(End::Terminated));
    }

    #[test]
    fn the_first_signal_cancels_while_a_client_is_connected_and_the_second_ends() {
        let mut client = Client::new(PARENT);
        client.connected();
        assert_eq!(client.terminate(), Next::Cancel);
        assert_eq!(ticks(&mut client, 100_000), None);
        assert_eq!(client.terminate(), Next::End(End::Terminated));
    }

    #[test]
    fn a_signal_ends_it_when_nobody_is_connected() {
        let mut client = Client::new(PARENT);
        assert_eq!(client.terminate(), Next::End(End::Terminated));
        client.connected();
        assert_eq!(client.disconnected(), None);
        assert_eq!(client.terminate(), Next::End(End::Terminated));
    }

    #[test]
    fn after_a_signal_it_ends_with_the_last_connection() {
        let mut client = Client::new(PARENT);
        client.connected();
        client.connected();
        assert_eq!(client.terminate(), Next::Cancel);
        assert_eq!(client.disconnected(), None);
        assert_eq!(client.disconnected(), Some(End::Terminated));
    }

    #[test]
    fn after_a_signal_the_death_of_the_parent_still_ends_it() {
        let mut client = Client::new(PARENT);
        client.connected();
        assert_eq!(client.terminate(), Next::Cancel);
        assert_eq!(client.tick(below(1)), Some(End::ParentGone));
    }

    #[test]
    fn a_server_that_stops_by_itself_is_noticed() {
        let (events, inbox) = mpsc::channel();
        let (server, done) = mpsc::channel::<()>();
        drop(server);
        events.send(Event::Connected).unwrap();
        assert_eq!(
            wait(&inbox, &done, Watch::of(Start::Debug, PARENT), || ()),
            End::ServerStopped
        );
    }
}
