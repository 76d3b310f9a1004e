//! Text without commands to the systems that run pipelines: whatever stands in a plan is printed into their logs.

use std::io::{Result, Write};

/// A line in which no system finds a command: Azure Pipelines and older runners of GitHub look for `##` with a bracket
/// anywhere, runners of GitHub and Forgejo for `::` at the start.
pub(crate) fn line(text: &str) -> String {
    let mut text = text.to_owned();
    if text.contains("##") {
        // Twice: the second mark of a pair is the first one of the next.
        text = text.replace("##", "# #").replace("##", "# #");
    }
    let start = text.len() - text.trim_start().len();
    if text.get(start..).is_some_and(|rest| rest.starts_with("::")) {
        text.insert(start + 1, ' ');
    }
    text
}

/// Passes lines on without commands.
pub(super) struct Neutral<'o> {
    out: &'o mut dyn Write,
    /// The line that is not at its end.
    open: Vec<u8>,
}

impl<'o> Neutral<'o> {
    pub(super) fn new(out: &'o mut dyn Write) -> Self {
        Self {
            out,
            open: Vec::new(),
        }
    }
}

impl Write for Neutral<'_> {
    fn write(&mut self, bytes: &[u8]) -> Result<usize> {
        for part in bytes.split_inclusive(|byte| *byte == b'\n') {
            self.open.extend_from_slice(part);
            if part.ends_with(b"\n") {
                let line = line(&String::from_utf8_lossy(&self.open));
                self.out.write_all(line.as_bytes())?;
                self.open.clear();
            }
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> Result<()> {
        let line = line(&String::from_utf8_lossy(&self.open));
        self.open.clear();
        self.out.write_all(line.as_bytes())?;
        self.out.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_become_text() {
        for (command, text) in [
            ("::error::x", ": :error::x"),
            ("  ::set-output name=a::b", "  : :set-output name=a::b"),
            ("a ##vso[task.complete]", "a # #vso[task.complete]"),
            ("###[error]", "# # #[error]"),
            ("##teamcity[x]", "# #teamcity[x]"),
            ("a::b # c", "a::b # c"),
        ] {
            assert_eq!(line(command), text);
        }
    }

    #[test]
    fn lines_are_passed_on_whole() {
        let mut out = Vec::new();
        let mut neutral = Neutral::new(&mut out);
        neutral.write_all(b"a\n:").unwrap();
        neutral.write_all(b":b\n#").unwrap();
        neutral.write_all(b"#c").unwrap();
        neutral.flush().unwrap();
        assert_eq!(out, b"a\n: :b\n# #c");
    }
}
