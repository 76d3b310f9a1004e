//! Exit codes, the same for every command.

/// How a command ended. `docs/commands` has the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// What was asked for is done or shown.
    Done,
    /// Nothing could be done: the message says what was changed, which is nothing unless it says so.
    Failed,
    /// There is nothing to do: no deployment is in progress, none waits, or it is as wanted already.
    Nothing,
    /// What was asked about is not well: the deployment that was followed did not succeed, the health is below the wanted
    /// one, or a check has found an error.
    NotSucceeded,
}

impl Exit {
    /// The code.
    pub fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Failed => 1,
            Self::Nothing => 2,
            Self::NotSucceeded => 3,
        }
    }

    /// What several services came to: an error first, then what did not succeed.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        let weight = |exit: Self| match exit {
            Self::Done => 1,
            Self::Failed => 3,
            Self::Nothing => 0,
            Self::NotSucceeded => 2,
        };
        match weight(other) > weight(self) {
            true => other,
            false => self,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_outweighs_everything_and_nothing_to_do_the_least() {
        for (all, sum) in [
            (vec![Exit::Nothing, Exit::Done], Exit::Done),
            (vec![Exit::Done, Exit::NotSucceeded], Exit::NotSucceeded),
            (
                vec![Exit::NotSucceeded, Exit::Failed, Exit::Done],
                Exit::Failed,
            ),
            (vec![Exit::Nothing, Exit::Nothing], Exit::Nothing),
        ] {
            let found = all.iter().copied().reduce(Exit::and);
            assert_eq!(found, Some(sum), "{all:?}");
        }
    }
}
