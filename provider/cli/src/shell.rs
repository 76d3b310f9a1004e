//! What a machine gets once, made from the definitions of the command line: completions of a shell, and man pages.

use std::io::Write;

use clap::CommandFactory as _;

use crate::arguments::{Arguments, CompletionsArguments, ManArguments, Shell};

/// The program's name, as completions and pages have it.
const NAME: &str = "switchyard";

/// Writes the script that completes commands in a shell; the exit code.
pub fn completions(arguments: &CompletionsArguments, out: &mut dyn Write) -> u8 {
    let shell = match arguments.shell {
        Shell::Bash => clap_complete::Shell::Bash,
        Shell::Zsh => clap_complete::Shell::Zsh,
        Shell::Fish => clap_complete::Shell::Fish,
    };
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Arguments::command(), NAME, &mut script);
    match out.write_all(&script).and_then(|()| out.flush()) {
        Ok(()) => 0,
        Err(_) => 1,
    }
}

/// Writes a man page for each command into the folder; the exit code.
pub fn man(arguments: &ManArguments, errors: &mut dyn Write) -> u8 {
    match clap_mangen::generate_to(Arguments::command(), &arguments.folder) {
        Ok(()) => 0,
        Err(error) => {
            let folder = arguments.folder.display();
            // Nobody is left to tell when standard error is closed; the exit code still says it.
            drop(writeln!(
                errors,
                "The pages cannot be written to {folder} ({error}). Name a folder that exists."
            ));
            1
        }
    }
}
