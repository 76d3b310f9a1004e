//! Which verb it is.

use crate::arguments::{Arguments, Verb};
use crate::finding::GateExit;
use crate::gate::Outside;
use crate::streams::{Streams, Surroundings};
use crate::{gate, lint, picture};

/// Runs the verb and returns the exit code.
pub fn run(
    arguments: &Arguments,
    surroundings: &Surroundings,
    streams: Streams<'_>,
    outside: &Outside<'_>,
) -> u8 {
    match &arguments.verb {
        Verb::Gate(arguments) => gate::run(arguments, surroundings, streams, outside),
        Verb::Lint(arguments) => lint::run(arguments, streams),
        Verb::Report(arguments) => picture::run(arguments, streams),
        // Those have functions of their own.
        Verb::Operate(_) | Verb::Recover(_) | Verb::Completions(_) | Verb::Man(_) => {
            GateExit::Failed.code()
        }
    }
}
