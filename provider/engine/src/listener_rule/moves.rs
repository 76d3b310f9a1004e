//! Rules that get other priorities at the same time: a listener has each priority once, so that two rules which exchange
//! theirs would each find the other one in its way. They are moved in one call, which AWS carries out as a whole.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::taken::{holder, rules_of};
use super::{DesiredRule, Doing, Refused};
use crate::ports::{ErrorKind, Ports, RuleDetail};

/// How long a rule waits for the one that has its priority: applies of one run begin together.
const TRIES: u32 = 10;
const PAUSE: Duration = Duration::from_secs(1);

/// Which rules are on their way to another priority, by ARN, in this process.
#[derive(Debug, Default)]
pub struct Moves(Mutex<BTreeMap<String, u32>>);

/// One of them, for as long as it is on its way.
struct Moving<'a> {
    moves: &'a Moves,
    arn: &'a str,
}

impl Drop for Moving<'_> {
    fn drop(&mut self) {
        self.moves.lock().remove(self.arn);
    }
}

impl Moves {
    fn begin<'a>(&'a self, arn: &'a str, priority: u32) -> Moving<'a> {
        self.lock().insert(arn.to_owned(), priority);
        Moving { moves: self, arn }
    }

    /// `arn` and the rules that are in its way, each with where it wants to go, when all of them are on their way.
    fn together(&self, arn: &str, rules: &[RuleDetail]) -> Option<Vec<(String, u32)>> {
        let moves = self.lock();
        let mut path: Vec<(String, u32)> = Vec::new();
        let mut next = arn.to_owned();
        loop {
            let wanted = *moves.get(&next)?;
            path.push((next, wanted));
            let in_the_way = rules.iter().find(|rule| rule.priority == Some(wanted));
            match in_the_way.map(|rule| rule.rule.arn.as_str()) {
                None => return Some(path),
                Some(first) if first == arn => return Some(path),
                Some(other) if path.iter().any(|(seen, _)| seen == other) => return None,
                Some(other) => next = other.to_owned(),
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, u32>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Gives the rule its priority. When another rule has it which is about to leave it, they are moved together.
pub(super) async fn take_priority(
    ports: &Ports,
    moves: &Moves,
    wanted: &DesiredRule,
    arn: &str,
    priority: u32,
) -> Result<(), Refused> {
    let _moving = moves.begin(arn, priority);
    let listener_rules = &ports.listener_rules;
    let alone = [(arn.to_owned(), priority)];
    let mut tries = 0;
    loop {
        let error = match listener_rules.set_priorities(&alone).await {
            Ok(()) => return Ok(()),
            Err(error) => error,
        };
        if error.kind != ErrorKind::AlreadyExists {
            return Err(Refused::Call(Doing::Priority, error));
        }
        let rules = rules_of(ports, wanted).await.unwrap_or_default();
        if let Some(together) = moves.together(arn, &rules) {
            match listener_rules.set_priorities(&together).await {
                Ok(()) => return Ok(()),
                // Something has changed in between: it is looked at again.
                Err(error) if error.kind == ErrorKind::AlreadyExists => {}
                Err(error) => return Err(Refused::Call(Doing::Priority, error)),
            }
        }
        if tries == TRIES {
            return Err(Refused::PriorityTaken {
                priority,
                holder: holder(wanted, priority, &rules),
            });
        }
        tries += 1;
        ports.clock.sleep(PAUSE).await;
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::ports::ListenerRule;

    fn rule(arn: &str, priority: u32) -> RuleDetail {
        RuleDetail {
            rule: ListenerRule {
                arn: arn.to_owned(),
                listener: "l".to_owned(),
                forward: Vec::new(),
                is_default: false,
                stickiness_seconds: None,
                hosts: Vec::new(),
            },
            priority: Some(priority),
            conditions: BTreeSet::new(),
        }
    }

    #[test]
    fn rules_move_together_when_all_that_are_in_the_way_move() {
        let rules = [rule("a", 1), rule("b", 2), rule("c", 3)];
        let path = |pairs: &[(&str, u32)]| {
            let pairs = pairs
                .iter()
                .map(|(arn, priority)| ((*arn).to_owned(), *priority));
            Some(pairs.collect::<Vec<_>>())
        };
        let moves = Moves::default();
        let _a = moves.begin("a", 2);
        assert_eq!(moves.together("a", &rules), None, "b stays");
        let b = moves.begin("b", 1);
        assert_eq!(moves.together("a", &rules), path(&[("a", 2), ("b", 1)]));
        drop(b);
        let _b = moves.begin("b", 3);
        assert_eq!(moves.together("a", &rules), None, "c stays");
        let c = moves.begin("c", 1);
        assert_eq!(
            moves.together("a", &rules),
            path(&[("a", 2), ("b", 3), ("c", 1)])
        );
        drop(c);
        let _c = moves.begin("c", 9);
        assert_eq!(
            moves.together("a", &rules),
            path(&[("a", 2), ("b", 3), ("c", 9)])
        );
    }
}
