//! What of the progress of one apply is an event.

use std::sync::PoisonError;

use switchyard_engine::RecordOutcome;
use switchyard_engine::ports::{ProgressEnd, ProgressMoment};

use crate::event::{Event, Subject};
use crate::kind::Kind;

/// Remembers what was told of one deployment.
#[derive(Debug, Default)]
pub(crate) struct Story {
    is_started: bool,
    is_over: bool,
    is_waiting: bool,
    weight: Option<f64>,
}

impl Story {
    /// The events that this moment is, in their order.
    pub(crate) fn hear(&mut self, moment: &ProgressMoment) -> Vec<Event> {
        let mut events = Vec::new();
        if self.is_over || !(moment.is_rolling || moment.is_over) {
            return events;
        }
        if let Some(end) = moment.end.as_ref().filter(|_| moment.is_over) {
            self.is_over = true;
            events.push(ended(moment, end));
            return events;
        }
        if !self.is_started {
            self.is_started = true;
            events.push(event(Kind::Started, moment));
        }
        // That it has no traffic at the beginning is no step; that it has none again is the end's to say.
        let share = moment.weight.filter(|weight| *weight > 0.0);
        if share.is_some() && share != self.weight {
            events.push(Event {
                traffic_percent: share,
                ..event(Kind::Step, moment)
            });
            self.weight = share;
        }
        if moment.awaits_approval && !self.is_waiting {
            events.push(Event {
                traffic_percent: moment.weight,
                ..event(Kind::WaitingForApproval, moment)
            });
        }
        self.is_waiting = moment.awaits_approval;
        events
    }
}

fn event(kind: Kind, moment: &ProgressMoment) -> Event {
    let subject = Subject::Service {
        cluster: moment.cluster.clone(),
        name: moment.service.clone(),
    };
    Event {
        to: Some(moment.revision.clone()),
        ..Event::new(kind, moment.at, subject)
    }
}

fn ended(moment: &ProgressMoment, end: &ProgressEnd) -> Event {
    let kind = match end.outcome {
        RecordOutcome::Succeeded => Kind::Succeeded,
        RecordOutcome::RolledBack => Kind::RolledBack,
        RecordOutcome::Cancelled
        | RecordOutcome::Failed
        | RecordOutcome::LeftRunning
        | RecordOutcome::Unhealthy => Kind::Failed,
    };
    Event {
        from: end.from.clone(),
        outcome: Some(end.outcome),
        reason: end.reason.clone(),
        seconds: Some(end.seconds),
        ..event(kind, moment)
    }
}

/// What a lock holds, also when whoever had it has panicked.
pub(crate) fn locked<T>(mutex: &std::sync::Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moment(weight: Option<f64>) -> ProgressMoment {
        ProgressMoment {
            at: "2026-11-30T14:00:00Z".parse().unwrap(),
            cluster: "main".to_owned(),
            service: "web".to_owned(),
            revision: "web:8".to_owned(),
            stage: "SCALE_UP".to_owned(),
            weight,
            running: None,
            desired: None,
            healthy: None,
            gate: None,
            until: None,
            awaits_approval: false,
            is_rolling: true,
            is_over: false,
            end: None,
        }
    }

    fn told(story: &mut Story, moments: &[ProgressMoment]) -> Vec<(Kind, Option<f64>)> {
        let events = moments.iter().flat_map(|moment| story.hear(moment));
        events
            .map(|event| (event.kind, event.traffic_percent))
            .collect()
    }

    fn end(outcome: RecordOutcome) -> ProgressMoment {
        ProgressMoment {
            is_over: true,
            end: Some(ProgressEnd {
                outcome,
                reason: None,
                from: None,
                seconds: 1,
            }),
            ..moment(None)
        }
    }

    #[test]
    fn each_thing_is_told_once_in_its_order() {
        let waiting = ProgressMoment {
            awaits_approval: true,
            ..moment(Some(10.0))
        };
        let settings = ProgressMoment {
            is_rolling: false,
            ..moment(None)
        };
        let moments = [
            settings,
            moment(None),
            moment(Some(0.0)),
            moment(Some(10.0)),
            waiting.clone(),
            waiting,
            moment(Some(10.0)),
            moment(None),
            moment(Some(10.0)),
            moment(Some(100.0)),
            end(RecordOutcome::Succeeded),
            end(RecordOutcome::Succeeded),
        ];
        assert_eq!(
            told(&mut Story::default(), &moments),
            [
                (Kind::Started, None),
                (Kind::Step, Some(10.0)),
                (Kind::WaitingForApproval, Some(10.0)),
                (Kind::Step, Some(100.0)),
                (Kind::Succeeded, None),
            ]
        );
    }

    #[test]
    fn every_end_has_its_kind() {
        for (outcome, kind) in [
            (RecordOutcome::Succeeded, Kind::Succeeded),
            (RecordOutcome::RolledBack, Kind::RolledBack),
            (RecordOutcome::Cancelled, Kind::Failed),
            (RecordOutcome::Failed, Kind::Failed),
            (RecordOutcome::LeftRunning, Kind::Failed),
            (RecordOutcome::Unhealthy, Kind::Failed),
        ] {
            let told = told(&mut Story::default(), &[end(outcome)]);
            assert_eq!(told, [(kind, None)], "{outcome:?}");
        }
    }
}
