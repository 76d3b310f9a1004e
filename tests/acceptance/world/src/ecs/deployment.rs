//! A service deployment: one rollout from its start to its end.

use serde_json::{Map, Value, json};

use super::hooks::HookRun;
use super::pool::Pool;
use super::service::Service;
use super::stage::Stage;
use super::strategy::DeploymentConfiguration;
use crate::time::Timestamp;

/// Where a deployment is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum DeploymentStatus {
    Pending,
    InProgress,
    StopRequested,
    RollbackRequested,
    RollbackInProgress,
    Successful,
    Stopped,
    RollbackSuccessful,
    RollbackFailed,
}

impl DeploymentStatus {
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Pending => "PENDING",
            Self::InProgress => "IN_PROGRESS",
            Self::StopRequested => "STOP_REQUESTED",
            Self::RollbackRequested => "ROLLBACK_REQUESTED",
            Self::RollbackInProgress => "ROLLBACK_IN_PROGRESS",
            Self::Successful => "SUCCESSFUL",
            Self::Stopped => "STOPPED",
            Self::RollbackSuccessful => "ROLLBACK_SUCCESSFUL",
            Self::RollbackFailed => "ROLLBACK_FAILED",
        }
    }

    /// Whether it is over.
    pub(super) fn is_final(self) -> bool {
        match self {
            Self::Successful | Self::Stopped | Self::RollbackSuccessful | Self::RollbackFailed => {
                true
            }
            Self::Pending
            | Self::InProgress
            | Self::StopRequested
            | Self::RollbackRequested
            | Self::RollbackInProgress => false,
        }
    }
}

/// What watches a deployment, and how that stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Watch {
    Disabled,
    Monitoring,
    Complete,
    Triggered,
}

impl Watch {
    fn word(self) -> &'static str {
        match self {
            Self::Disabled => "DISABLED",
            Self::Monitoring => "MONITORING",
            Self::Complete => "MONITORING_COMPLETE",
            Self::Triggered => "TRIGGERED",
        }
    }

    /// The deployment is over; what was not triggered is complete.
    pub(super) fn finish(&mut self) {
        if *self == Self::Monitoring {
            *self = Self::Complete;
        }
    }
}

/// Two groups behind one production rule; the new revision takes the one that is not live.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Route {
    /// The role that ECS moves traffic with.
    pub(super) role: String,
    pub(super) primary: String,
    pub(super) alternate: String,
    pub(super) target_is_alternate: bool,
    pub(super) production: String,
    pub(super) test: Option<String>,
    /// What the test rule said before.
    pub(super) test_before: Vec<(String, u32)>,
}

impl Route {
    /// The group of the new revision.
    pub(super) fn target(&self) -> &str {
        if self.target_is_alternate {
            &self.alternate
        } else {
            &self.primary
        }
    }

    /// Both groups with weights that give the new one `share` percent. Never both zero.
    pub(super) fn weights(&self, share: f64) -> Vec<(String, u32)> {
        let (target, source) = weights(share);
        let (primary, alternate) = if self.target_is_alternate {
            (source, target)
        } else {
            (target, source)
        };
        vec![
            (self.primary.clone(), primary),
            (self.alternate.clone(), alternate),
        ]
    }
}

/// Whole weights for a share in percent: of a hundred, or of 999 when the share has tenths.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the share is clamped to 0–100, and float-to-integer casts saturate"
)]
pub(super) fn weights(share: f64) -> (u32, u32) {
    let share = share.clamp(0.0, 100.0);
    let whole = share.round();
    if (share - whole).abs() < 0.001 {
        let target = whole as u32;
        return (target, 100_u32.saturating_sub(target));
    }
    let target = ((share * 9.99).round() as u32).clamp(1, 998);
    (target, 999_u32.saturating_sub(target))
}

/// Going back.
#[derive(Clone, Debug)]
pub(super) struct Rollback {
    pub(super) reason: String,
    pub(super) started: Timestamp,
    pub(super) revision: String,
}

/// One rollout.
#[derive(Clone, Debug)]
pub(super) struct ServiceDeployment {
    pub(super) arn: String,
    pub(super) created: Timestamp,
    pub(super) started: Option<Timestamp>,
    pub(super) finished: Option<Timestamp>,
    pub(super) stopped: Option<Timestamp>,
    pub(super) updated: Timestamp,
    /// The configuration, read and as it was when the deployment started.
    pub(super) configuration: DeploymentConfiguration,
    pub(super) echo: Value,
    /// Pools and revisions that had tasks at the start; the live one first.
    pub(super) sources: Vec<(String, String)>,
    pub(super) target_pool: String,
    pub(super) target_revision: String,
    pub(super) status: DeploymentStatus,
    pub(super) reason: Option<String>,
    pub(super) routes: Vec<Route>,
    pub(super) stage: Option<Stage>,
    pub(super) stage_since: Timestamp,
    /// How many stages were entered.
    pub(super) entry: u32,
    pub(super) hooks: Vec<HookRun>,
    /// Which shift comes next.
    pub(super) step: usize,
    /// The stage does not end before this moment.
    pub(super) hold_until: Option<Timestamp>,
    /// Percent of production traffic on the new revision.
    pub(super) production_weight: f64,
    /// Percent of test traffic on the new revision.
    pub(super) test_weight: f64,
    pub(super) rollback: Option<Rollback>,
    pub(super) breaker: Watch,
    pub(super) breaker_threshold: u32,
    pub(super) breaker_failures: u32,
    pub(super) alarms: Watch,
    /// Alarms that fired before the deployment started; they do not count.
    pub(super) alarms_ignored: Vec<String>,
    pub(super) alarms_triggered: Vec<String>,
}

impl ServiceDeployment {
    /// The pool that was live at the start.
    pub(super) fn source_pool(&self) -> Option<&str> {
        self.sources.first().map(|(pool, _)| pool.as_str())
    }

    /// The pool production traffic is on, by majority.
    pub(super) fn live_pool(&self) -> Option<&str> {
        let shifting = !self.routes.is_empty();
        let on_target = shifting && self.production_weight >= 50.0;
        if on_target || self.sources.is_empty() {
            Some(&self.target_pool)
        } else {
            self.source_pool()
        }
    }

    /// The short form of ListServiceDeployments.
    pub(super) fn brief(&self, service: &Service) -> Value {
        let mut members = Map::from_iter([
            ("serviceDeploymentArn".to_owned(), json!(self.arn)),
            ("serviceArn".to_owned(), json!(service.arn)),
            ("clusterArn".to_owned(), json!(service.cluster_arn)),
            ("createdAt".to_owned(), json!(self.created)),
            (
                "targetServiceRevisionArn".to_owned(),
                json!(self.target_revision),
            ),
            ("status".to_owned(), json!(self.status.word())),
        ]);
        for (name, moment) in [("startedAt", self.started), ("finishedAt", self.finished)] {
            if let Some(moment) = moment {
                members.insert(name.to_owned(), json!(moment));
            }
        }
        if let Some(reason) = &self.reason {
            members.insert("statusReason".to_owned(), json!(reason));
        }
        Value::Object(members)
    }

    /// The whole deployment as AWS describes it.
    pub(super) fn render(&self, service: &Service) -> Value {
        let Value::Object(mut members) = self.brief(service) else {
            return Value::Null;
        };
        members.remove("targetServiceRevisionArn");
        let source_share =
            |position: usize, share: f64| if position == 0 { 100.0 - share } else { 0.0 };
        let sources: Vec<Value> = self
            .sources
            .iter()
            .enumerate()
            .map(|(position, (pool, revision))| {
                let weights = (
                    source_share(position, self.test_weight),
                    source_share(position, self.production_weight),
                );
                render_revision(revision, service.pool(pool), weights)
            })
            .collect();
        let target = render_revision(
            &self.target_revision,
            service.pool(&self.target_pool),
            (self.test_weight, self.production_weight),
        );
        let fixed = json!({
            "updatedAt": self.updated,
            "sourceServiceRevisions": sources,
            "targetServiceRevision": target,
            "deploymentConfiguration": self.echo,
            "deploymentCircuitBreaker": {
                "status": self.breaker.word(),
                "failureCount": self.breaker_failures,
                "threshold": self.breaker_threshold,
            },
            "alarms": {
                "status": self.alarms.word(),
                "alarmNames": self.configuration.alarms.alarm_names,
                "triggeredAlarmNames": self.alarms_triggered,
            },
        });
        if let Value::Object(fixed) = fixed {
            members.extend(fixed);
        }
        if let Some(stage) = self.stage {
            members.insert("lifecycleStage".to_owned(), json!(stage.word()));
        }
        // Those that fired last; earlier ones are history.
        let last = self.hooks.last().map(|run| run.entry);
        let hooks: Vec<Value> = self
            .hooks
            .iter()
            .filter(|run| Some(run.entry) == last)
            .map(HookRun::render)
            .collect();
        if !hooks.is_empty() {
            members.insert("lifecycleHookDetails".to_owned(), json!(hooks));
        }
        if let Some(stopped) = self.stopped {
            members.insert("stoppedAt".to_owned(), json!(stopped));
        }
        if let Some(rollback) = &self.rollback {
            members.insert(
                "rollback".to_owned(),
                json!({
                    "reason": rollback.reason,
                    "startedAt": rollback.started,
                    "serviceRevisionArn": rollback.revision,
                }),
            );
        }
        Value::Object(members)
    }
}

/// A revision with its task counts and the weights asked for: test, then production.
fn render_revision(arn: &str, pool: Option<&Pool>, (test, production): (f64, f64)) -> Value {
    json!({
        "arn": arn,
        "requestedTaskCount": pool.map_or(0, |pool| pool.desired),
        "runningTaskCount": pool.map_or(0, |pool| pool.running),
        "pendingTaskCount": pool.map_or(0, |pool| pool.pending),
        "requestedTestTrafficWeight": test,
        "requestedProductionTrafficWeight": production,
    })
}

impl ServiceDeployment {
    /// Writes down that it is over.
    pub(super) fn end(&mut self, status: DeploymentStatus, now: Timestamp) {
        self.status = status;
        self.updated = now;
        self.finished = Some(now);
        if status == DeploymentStatus::Stopped {
            self.stopped = Some(now);
        }
        self.breaker.finish();
        self.alarms.finish();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_are_whole_and_never_both_zero() {
        assert_eq!(weights(0.0), (0, 100));
        assert_eq!(weights(10.0), (10, 90));
        assert_eq!(weights(100.0), (100, 0));
        assert_eq!(weights(0.1), (1, 998));
        assert_eq!(weights(99.9), (998, 1));
    }
}
