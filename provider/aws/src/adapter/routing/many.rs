//! A listener's rules, read together once a plan has asked for a few of them: one call shows a hundred.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use crate::batch::FEW;
use crate::convert::routing::listener_of_rule;

use super::Elb;

/// How many rules of each listener were asked for.
#[derive(Debug, Default)]
pub(super) struct Many(Mutex<HashMap<String, usize>>);

impl Many {
    /// Told of each read of a rule by its ARN.
    pub(super) fn asked(&self, elb: &Elb, rule: &str) {
        let writes = &elb.caller.writes;
        let written = writes.count();
        let Some(listener) = listener_of_rule(rule).filter(|_| written == 0) else {
            return;
        };
        {
            let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            let count = counts.entry(listener.clone()).or_default();
            *count = count.saturating_add(1);
            // Once; what comes later, or is not there, is asked for by itself.
            if *count != FEW + 1 {
                return;
            }
        }
        let (rules, listener_rules) = (elb.rules.clone(), elb.listener_rules.clone());
        let (tags, since) = (elb.rule_tags.clone(), elb.caller.clock.now());
        tokio::spawn(async move {
            // Who may not read the listener's rules reads as everybody asks.
            let Ok(Some(found)) = listener_rules.read(&(), &listener, &listener).await else {
                return;
            };
            let arns: Vec<String> = found.iter().map(|found| found.rule.arn.clone()).collect();
            let found = arns.iter().cloned().zip(found);
            rules.put(&(), found, (written, since));
            tags.offer(&(), arns);
        });
    }
}
