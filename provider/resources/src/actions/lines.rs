//! What a command writes, as progress of an action.

use std::io::{self, Write};

use switchyard_operate::{Console, Output};
use tfplugin::action::Progress;

/// Takes what a command writes and reports each line.
pub(super) struct Lines {
    progress: Progress,
    /// What has no end of line yet.
    open: Vec<u8>,
}

impl Lines {
    pub(super) fn new(progress: &Progress) -> Self {
        Self {
            progress: progress.clone(),
            open: Vec::new(),
        }
    }

    /// Where the command writes. Whoever runs an action has agreed to it with the plan.
    pub(super) fn console(&mut self) -> Console<'_> {
        Console {
            out: self,
            output: Output::Text,
            color: false,
            width: None,
            input: None,
            yes: true,
            acted: Vec::new(),
        }
    }

    fn report(&self, line: &[u8]) {
        let text = String::from_utf8_lossy(line);
        let text = text.trim_end();
        if !text.is_empty() {
            self.progress.report(text);
        }
    }
}

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.open.extend_from_slice(bytes);
        while let Some(end) = self.open.iter().position(|byte| *byte == b'\n') {
            let rest = self.open.split_off(end + 1);
            let line = std::mem::replace(&mut self.open, rest);
            self.report(&line);
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Drop for Lines {
    fn drop(&mut self) {
        self.report(&self.open);
    }
}
