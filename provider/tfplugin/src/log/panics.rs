//! What a panic leaves on stderr.

use std::{
    backtrace::Backtrace,
    panic::{self, PanicHookInfo},
    thread,
};

use tracing::Level;

use super::{
    line::{self, Fields},
    now, write_line,
};

/// Makes every panic one error line, whatever the level: there is nowhere else to learn where it was.
/// When the process dies of it, a report follows in the form of a Go crash, which Terraform recognises
/// and shows to its user.
pub(super) fn install() {
    panic::set_hook(Box::new(|info| {
        let report = Report::new(info);
        write_line(&report.log_line());
        if process_dies() {
            write_line(&report.crash());
        }
    }));
}

/// A panic in a task or a thread of ours is caught and becomes a diagnostic; only the main thread takes
/// the process along.
fn process_dies() -> bool {
    cfg!(panic = "abort") || thread::current().name() == Some("main")
}

struct Report {
    message: String,
    location: String,
    backtrace: String,
}

impl Report {
    fn new(info: &PanicHookInfo<'_>) -> Self {
        Self {
            message: info
                .payload_as_str()
                .unwrap_or("a panic without a text")
                .to_owned(),
            location: info.location().map(ToString::to_string).unwrap_or_default(),
            backtrace: Backtrace::force_capture().to_string(),
        }
    }

    fn log_line(&self) -> String {
        let mut fields = Fields::new();
        fields
            .values
            .insert("location".to_owned(), self.location.clone().into());
        fields
            .values
            .insert("backtrace".to_owned(), self.backtrace.clone().into());
        let message = format!(
            "This is a bug in the provider: it panicked: {}",
            self.message
        );
        line::render(Level::ERROR, module_path!(), &message, &fields, now())
    }

    /// Terraform looks for a line that begins with `panic: `.
    fn crash(&self) -> String {
        let first = self.message.replace('\n', " ");
        format!("panic: {first}\n\n{}\n{}\n", self.location, self.backtrace)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    fn report() -> Report {
        Report {
            message: "first\nsecond".to_owned(),
            location: "src/main.rs:1:1".to_owned(),
            backtrace: "0: main".to_owned(),
        }
    }

    #[test]
    fn log_line_is_json_at_error_level() {
        let line: Value = serde_json::from_str(&report().log_line()).unwrap();
        assert_eq!(line.get("@level").unwrap(), "error");
        assert_eq!(line.get("location").unwrap(), "src/main.rs:1:1");
        assert!(
            line.get("@message")
                .unwrap()
                .as_str()
                .unwrap()
                .ends_with("first\nsecond")
        );
    }

    #[test]
    fn crash_report_begins_like_one_of_go() {
        assert!(report().crash().starts_with("panic: first second\n"));
    }
}
