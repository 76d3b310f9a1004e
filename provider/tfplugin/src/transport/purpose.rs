//! What the run that started us is for.
//!
//! Before Terraform destroys, it plans the configuration as for an apply, to refresh the state, and throws that plan
//! away. No call says so, and a provider that refuses such a plan stops the destruction. The command line of the process
//! that started us is the only sign there is.

/// What Terraform was called for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Purpose {
    /// `terraform destroy`, or `apply` or `plan` with `-destroy`: the plan of a configuration is thrown away.
    Destroy,
    /// Everything else, and whatever cannot be told.
    #[default]
    Any,
}

impl Purpose {
    /// Of the process with this id. Where the system shows no command lines as files, it is [`Self::Any`].
    pub(super) fn of_process(id: u32) -> Self {
        std::fs::read(format!("/proc/{id}/cmdline"))
            .map(|line| Self::of_command(&line))
            .unwrap_or_default()
    }

    /// `line` is a program and its arguments, each ended by a zero byte.
    fn of_command(line: &[u8]) -> Self {
        let mut arguments = line.split(|byte| *byte == 0).skip(1);
        // Options before the command, such as `-chdir=FOLDER`, are one argument each.
        match arguments.find(|argument| !argument.starts_with(b"-")) {
            Some(b"destroy") => Self::Destroy,
            Some(b"apply" | b"plan") => arguments
                .filter_map(destroys)
                .last()
                .filter(|destroys| *destroys)
                .map_or(Self::Any, |_| Self::Destroy),
            Some(_) | None => Self::Any,
        }
    }
}

/// What the option `-destroy` says, if this is it. Go takes one dash or two, and a truth value behind `=`.
fn destroys(argument: &[u8]) -> Option<bool> {
    let option = argument.strip_prefix(b"-")?;
    let value = option
        .strip_prefix(b"-")
        .unwrap_or(option)
        .strip_prefix(b"destroy")?;
    match value {
        b"" | b"=1" | b"=t" | b"=T" | b"=true" | b"=True" | b"=TRUE" => Some(true),
        b"=0" | b"=f" | b"=F" | b"=false" | b"=False" | b"=FALSE" => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_tells_what_a_run_is_for() {
        for (command, purpose) in [
            ("terraform destroy -auto-approve", Purpose::Destroy),
            ("terraform -chdir=live/destroy destroy", Purpose::Destroy),
            ("terraform apply -destroy -auto-approve", Purpose::Destroy),
            ("tofu plan --destroy=true -out=x", Purpose::Destroy),
            ("terraform plan -destroy -destroy=false", Purpose::Any),
            ("terraform apply -auto-approve", Purpose::Any),
            ("terraform -chdir=destroy plan", Purpose::Any),
            ("terraform apply destroy", Purpose::Any),
            ("terraform plan -target=destroy -destroyed", Purpose::Any),
            ("terraform import -destroy x y", Purpose::Any),
            ("terraform", Purpose::Any),
            ("", Purpose::Any),
        ] {
            let line: Vec<u8> = command.replace(' ', "\0").into_bytes();
            assert_eq!(Purpose::of_command(&line), purpose, "{command}");
        }
    }

    #[test]
    fn a_process_that_is_not_there_is_for_anything() {
        assert_eq!(Purpose::of_process(u32::MAX), Purpose::Any);
    }
}
