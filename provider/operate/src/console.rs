//! Where a command writes, and whom it may ask.

use std::fmt;
use std::io::{BufRead, Write};

use switchyard_engine::ports::ServiceRef;

use crate::trouble::Trouble;
use crate::written::{Written, framed};

/// How the result is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Output {
    /// For people.
    #[default]
    Text,
    /// For programs: one document, or one a line where a command reports as things happen.
    Json,
}

/// Standard output and standard input of a command, and what they are.
pub struct Console<'c> {
    /// Where the result goes.
    pub out: &'c mut (dyn Write + Send),
    /// How.
    pub output: Output,
    /// Whether text is coloured.
    pub color: bool,
    /// Columns of the terminal; absent where the output is none, so that nothing is redrawn.
    pub width: Option<usize>,
    /// Who answers questions; absent where nobody is there.
    pub input: Option<&'c mut (dyn BufRead + Send)>,
    /// Questions are answered with yes.
    pub yes: bool,
    /// What was changed, for whoever tells others of it.
    pub acted: Vec<Acted>,
}

/// What a command did to a deployment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deed {
    /// It continues.
    Approved,
    /// Its number of tasks or its bounds were raised for a time.
    Raised,
    /// The earlier revision was to be live again, and is not.
    NotRolledBack,
    /// It was rolled back where it waited.
    Rejected,
    /// The earlier revision is live again.
    RolledBack,
    /// It was stopped, and traffic is where it was.
    Stopped,
}

/// One change that a command made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Acted {
    /// What was done.
    pub deed: Deed,
    /// Name of the cluster.
    pub cluster: String,
    /// Name of the service.
    pub service: String,
    /// The revision that the deployment goes to.
    pub to: Option<String>,
    /// What was changed, where the deed does not say it.
    pub what: Option<String>,
}

impl Acted {
    /// Why it was done, after what was done where the deed does not say that.
    pub fn told_reason(&self, reason: Option<&str>) -> Option<String> {
        match (&self.what, reason) {
            (Some(what), Some(reason)) => Some(format!("{what}: {reason}")),
            (what, reason) => what.clone().or_else(|| reason.map(str::to_owned)),
        }
    }
}

impl fmt::Debug for Console<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Console").finish_non_exhaustive()
    }
}

/// How a word is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tone {
    Plain,
    Good,
    Busy,
    Bad,
    Faint,
}

impl Tone {
    fn code(self) -> Option<&'static str> {
        match self {
            Self::Plain => None,
            Self::Good => Some("32"),
            Self::Busy => Some("33"),
            Self::Bad => Some("31"),
            Self::Faint => Some("2"),
        }
    }
}

/// Text without what a terminal would obey: names and reasons come from others.
pub(crate) fn neutral(text: &str) -> String {
    text.chars()
        .map(|letter| {
            if letter.is_control() && letter != '\n' {
                '\u{fffd}'
            } else {
                letter
            }
        })
        .collect()
}

/// The text in its colour.
pub(crate) fn painted(text: &str, tone: Tone, color: bool) -> String {
    match tone.code().filter(|_| color && !text.is_empty()) {
        None => text.to_owned(),
        Some(code) => format!("\u{1b}[{code}m{text}\u{1b}[0m"),
    }
}

/// A cell of a table.
#[derive(Clone, Debug)]
pub(crate) struct Cell(pub(crate) String, pub(crate) Tone);

impl<T: Into<String>> From<T> for Cell {
    fn from(text: T) -> Self {
        Self(text.into(), Tone::Plain)
    }
}

/// Rows under faint headings, in columns as wide as they need to be.
pub(crate) fn table(headings: &[&str], rows: &[Vec<Cell>], indent: &str, color: bool) -> String {
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column));
        let longest = cells.map(|cell| cell.0.chars().count()).max();
        let heading = headings
            .get(column)
            .map_or(0, |heading| heading.chars().count());
        longest.unwrap_or(0).max(heading)
    };
    let widths: Vec<usize> = (0..headings.len()).map(width).collect();
    let line = |cells: &mut dyn Iterator<Item = (String, Tone)>| {
        let mut text = indent.to_owned();
        let mut pad = 0;
        for ((cell, tone), width) in cells.zip(&widths) {
            if !cell.is_empty() {
                text.push_str(&" ".repeat(pad));
                pad = 0;
            }
            pad += width.saturating_sub(cell.chars().count()) + 2;
            if cell.is_empty() {
                continue;
            }
            text.push_str(&painted(&cell, tone, color));
        }
        text.push('\n');
        text
    };
    let mut text = line(
        &mut headings
            .iter()
            .map(|heading| ((*heading).to_owned(), Tone::Faint)),
    );
    for row in rows {
        text.push_str(&line(
            &mut row.iter().map(|cell| (neutral(&cell.0), cell.1)),
        ));
    }
    text
}

impl Console<'_> {
    /// Writes text.
    ///
    /// # Errors
    /// Nobody reads it any more.
    pub fn say(&mut self, text: &str) -> Result<(), Trouble> {
        let written = self.out.write_all(text.as_bytes());
        written
            .and_then(|()| self.out.flush())
            .map_err(|error| Trouble::new(format!("The output cannot be written ({error}).")))
    }

    /// Writes what this project has named and numbered.
    pub(crate) fn document(&mut self, document: &impl Written) -> Result<(), Trouble> {
        self.pretty(&framed(document))
    }

    /// Writes JSON as it is.
    pub(crate) fn pretty(&mut self, value: &impl serde::Serialize) -> Result<(), Trouble> {
        let text = serde_json::to_string_pretty(value);
        let text =
            text.map_err(|error| Trouble::new(format!("The result cannot be written ({error}).")))?;
        self.say(&(text + "\n"))
    }

    /// Writes a document on one line.
    ///
    /// # Errors
    /// Nobody reads it any more.
    pub fn line(&mut self, document: &impl Written) -> Result<(), Trouble> {
        let text = serde_json::to_string(&framed(document));
        let text =
            text.map_err(|error| Trouble::new(format!("The result cannot be written ({error}).")))?;
        self.say(&(text + "\n"))
    }

    /// Remembers a change, for whoever tells others of it.
    pub(crate) fn remember(&mut self, service: &ServiceRef, deed: Deed, to: Option<&str>) {
        self.acted.push(Acted {
            deed,
            cluster: service.cluster_name().to_owned(),
            service: service.name.clone(),
            to: to.map(str::to_owned),
            what: None,
        });
    }

    /// Remembers that a service was scaled.
    pub(crate) fn remember_raised(&mut self, service: &ServiceRef, what: String) {
        self.acted.push(Acted {
            deed: Deed::Raised,
            cluster: service.cluster_name().to_owned(),
            service: service.name.clone(),
            to: None,
            what: Some(what),
        });
    }

    /// Whether to go on. Where nobody can be asked, `--yes` has to say so.
    ///
    /// # Errors
    /// Nobody is there, or the answer is no.
    pub fn confirm(&mut self, question: &str) -> Result<(), Trouble> {
        if self.yes {
            return Ok(());
        }
        if self.input.is_none() || self.output == Output::Json {
            return Err(Trouble::new(
                "Nothing was changed: nobody can be asked here. Add `--yes` to confirm.",
            ));
        }
        self.say(&format!("{} [y/N] ", neutral(question)))?;
        let mut answer = String::new();
        let read = self
            .input
            .as_mut()
            .map(|input| input.read_line(&mut answer));
        let agreed = matches!(answer.trim().to_ascii_lowercase().as_str(), "y" | "yes");
        match read {
            Some(Ok(_)) if agreed => Ok(()),
            Some(Ok(_) | Err(_)) | None => {
                Err(Trouble::new("Not confirmed: this service was not changed."))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_wide_as_their_longest_cell_and_rows_end_with_text() {
        let rows = [
            vec![
                Cell::from("web"),
                Cell("ok".to_owned(), Tone::Good),
                Cell::from(""),
            ],
            vec![Cell::from("payment"), Cell::from(""), Cell::from("x")],
        ];
        assert_eq!(
            table(&["name", "state", "note"], &rows, "  ", false),
            "  name     state  note\n  web      ok\n  payment         x\n"
        );
        assert!(
            table(&["a"], &[vec![Cell("x".to_owned(), Tone::Bad)]], "", true)
                .contains("\u{1b}[31mx\u{1b}[0m")
        );
    }

    #[test]
    fn what_others_wrote_does_not_move_the_cursor() {
        let rows = [vec![Cell::from("a\u{1b}[2Jb")]];
        assert!(!table(&["n"], &rows, "", false).contains('\u{1b}'));
    }

    fn asked(answer: Option<&str>, yes: bool) -> (bool, String) {
        let mut out = Vec::new();
        let mut input = answer.map(str::as_bytes);
        let mut console = Console {
            out: &mut out,
            output: Output::Text,
            color: false,
            width: None,
            input: input
                .as_mut()
                .map(|input| input as &mut (dyn BufRead + Send)),
            yes,
            acted: Vec::new(),
        };
        let agreed = console.confirm("Stop it?").is_ok();
        (agreed, String::from_utf8(out).unwrap())
    }

    #[test]
    fn nothing_is_done_without_a_yes() {
        assert_eq!(
            asked(Some("y\n"), false),
            (true, "Stop it? [y/N] ".to_owned())
        );
        assert!(!asked(Some("\n"), false).0);
        assert!(!asked(Some("no\n"), false).0);
        assert!(!asked(Some(""), false).0);
        assert_eq!(asked(None, false), (false, String::new()));
        assert_eq!(asked(None, true), (true, String::new()));
    }
}
