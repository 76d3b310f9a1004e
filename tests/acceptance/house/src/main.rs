//! `make house`.

use std::path::Path;
use std::process::ExitCode;

use switchyard_house::Figures;

#[expect(clippy::print_stdout, clippy::print_stderr, reason = "it is a report")]
fn main() -> ExitCode {
    match Figures::of(Path::new(".")) {
        Ok(figures) => {
            print!("{figures}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!(
                "The sources cannot be read: {error}. Run it in the folder of the workspace."
            );
            ExitCode::FAILURE
        }
    }
}
