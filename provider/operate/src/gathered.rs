//! What several services came to.

use crate::exit::Exit;
use crate::trouble::Trouble;

/// The ends of a command for several services: one that fails does not keep the others from it, for who acts at night acts
/// on all of them.
#[derive(Debug)]
pub(crate) struct Gathered {
    exit: Exit,
    trouble: Option<Trouble>,
}

impl Gathered {
    pub(crate) fn new() -> Self {
        Self {
            exit: Exit::Nothing,
            trouble: None,
        }
    }

    /// One more service.
    pub(crate) fn add(&mut self, ended: Result<Exit, Trouble>) {
        match ended {
            Ok(exit) => self.exit = self.exit.and(exit),
            Err(trouble) => {
                self.trouble = Some(match self.trouble.take() {
                    Some(first) => first.and(trouble),
                    None => trouble,
                });
            }
        }
    }

    /// All of them.
    ///
    /// # Errors
    /// What has failed, each in words of its own.
    pub(crate) fn finish(self) -> Result<Exit, Trouble> {
        match self.trouble {
            Some(trouble) => Err(trouble),
            None => Ok(self.exit),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_fails_is_said_once_and_keeps_nobody_from_it() {
        let mut all = Gathered::new();
        all.add(Err(Trouble::new("`web` cannot be read.")));
        all.add(Ok(Exit::Done));
        all.add(Err(Trouble::nothing("No deployment of `api` waits.")));
        all.add(Err(Trouble::new("`web` cannot be read.")));
        let trouble = all.finish().unwrap_err();
        assert_eq!(
            trouble.to_string(),
            "`web` cannot be read.\nNo deployment of `api` waits."
        );
        assert_eq!(trouble.exit(), Exit::Failed);

        let mut all = Gathered::new();
        all.add(Ok(Exit::Nothing));
        all.add(Ok(Exit::NotSucceeded));
        assert_eq!(all.finish(), Ok(Exit::NotSucceeded));
    }
}
