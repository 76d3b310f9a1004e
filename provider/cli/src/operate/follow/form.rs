//! How the lines of an apply are written: for people, for programs, or as GitHub reads the log of a step.

use std::collections::BTreeMap;

use switchyard_engine::RecordOutcome;
use switchyard_engine::ports::ProgressMoment;
use switchyard_operate::Output;

use crate::operate::arguments::WatchFormat;
use crate::report::github::{data, property};
use crate::report::neutral;

/// One of the forms.
#[derive(Debug)]
pub(super) enum Form {
    /// A line for each change.
    Plain,
    /// The objects as the apply writes them.
    Json,
    /// Groups and annotations.
    Github(Groups),
}

/// What is open in the log of a step of GitHub Actions. Groups do not nest: there is one for all deployments that run at the
/// same time.
#[derive(Debug, Default)]
pub(super) struct Groups {
    /// The deployments that run, by cluster and service: revision, and whether somebody was asked to approve it.
    running: BTreeMap<(String, String), (String, bool)>,
}

impl Form {
    pub(super) fn of(format: WatchFormat, output: Output) -> Self {
        match (format, output) {
            (WatchFormat::Github, _) => Self::Github(Groups::default()),
            (WatchFormat::Text, Output::Text) => Self::Plain,
            (WatchFormat::Text, Output::Json) => Self::Json,
        }
    }

    /// The lines for a moment.
    pub(super) fn lines(&mut self, moment: &ProgressMoment) -> Vec<String> {
        match self {
            Self::Plain => vec![plain(moment)],
            Self::Json => serde_json::to_string(moment)
                .map(|line| neutral(&line))
                .into_iter()
                .collect(),
            Self::Github(groups) => groups.lines(moment),
        }
    }

    /// What is still to be written when nothing more comes.
    pub(super) fn end(&mut self) -> Option<&'static str> {
        match self {
            Self::Plain | Self::Json => None,
            Self::Github(groups) => {
                let is_open = !std::mem::take(&mut groups.running).is_empty();
                is_open.then_some(END)
            }
        }
    }
}

const END: &str = "::endgroup::";

/// How an apply calls the end that people want.
pub(super) const SUCCEEDED: &str = "succeeded";

/// It begins with a time, so that no name in it is taken for a command.
fn plain(moment: &ProgressMoment) -> String {
    neutral(&format!("{} {moment}", moment.at))
}

impl Groups {
    fn lines(&mut self, moment: &ProgressMoment) -> Vec<String> {
        let mut lines = Vec::new();
        let key = (moment.cluster.clone(), moment.service.clone());
        if moment.is_rolling && !moment.is_over && !self.running.contains_key(&key) {
            lines.extend((!self.running.is_empty()).then(|| END.to_owned()));
            self.running
                .insert(key.clone(), (moment.revision.clone(), false));
            lines.push(format!("::group::{}", data(&neutral(&self.title()))));
        }
        lines.push(plain(moment));
        if let Some((_, is_asked)) = self.running.get_mut(&key) {
            if moment.awaits_approval && !*is_asked {
                lines.push(waits(moment));
            }
            *is_asked = moment.awaits_approval;
        }
        if moment.is_over {
            let was_open = self.running.remove(&key).is_some();
            lines.extend((was_open && self.running.is_empty()).then(|| END.to_owned()));
            lines.extend(ended(moment, was_open));
        }
        lines
    }

    fn title(&self) -> String {
        let each: Vec<String> = self
            .running
            .iter()
            .map(|((_, service), (revision, _))| format!("{service} to {revision}"))
            .collect();
        match each.len() {
            1 => format!("Deployment of {}", each.concat()),
            _ => format!("Deployments: {}", each.join(", ")),
        }
    }
}

/// A command for the runner. What it quotes cannot be another one: `data` leaves no line break, and `neutral` no mark of a
/// command.
fn annotation(kind: &str, title: &str, text: &str) -> String {
    format!(
        "::{kind} title={}::{}",
        property(&neutral(title)),
        data(&neutral(text))
    )
}

fn waits(moment: &ProgressMoment) -> String {
    let title = format!("{} waits for approval", moment.service);
    let text = format!(
        "{} gets no more traffic until somebody runs: switchyard approve {} --cluster {}",
        moment.revision, moment.service, moment.cluster
    );
    annotation("warning", &title, &text)
}

/// What an end is worth: an apply that had nothing to deploy is worth nothing when it succeeds.
fn ended(moment: &ProgressMoment, was_rolling: bool) -> Option<String> {
    let end = moment.end.as_ref();
    let is_good = match end {
        Some(end) => end.outcome == RecordOutcome::Succeeded,
        None => moment.stage == SUCCEEDED,
    };
    if is_good && !was_rolling {
        return None;
    }
    let title = format!("{}: {}", moment.service, moment.stage);
    let from = end.and_then(|end| end.from.as_deref());
    let took = end.map(|end| format!(" after {}", span(end.seconds)));
    let took = took.unwrap_or_default();
    Some(match (is_good, end.and_then(|end| end.reason.as_deref())) {
        (true, _) => {
            let from = from.map(|from| format!(", in place of {from}"));
            let text = format!(
                "{} is live{took}{}",
                moment.revision,
                from.unwrap_or_default()
            );
            annotation("notice", &title, &text)
        }
        (false, reason) => {
            let reason = reason
                .map(|reason| format!(": {reason}"))
                .unwrap_or_default();
            let text = format!("The deployment of {} ended{took}{reason}", moment.revision);
            annotation("error", &title, &text)
        }
    })
}

/// `3m12s`.
fn span(seconds: u64) -> String {
    match (seconds / 60, seconds % 60) {
        (0, seconds) => format!("{seconds}s"),
        (minutes, seconds) => format!("{minutes}m{seconds:02}s"),
    }
}

#[cfg(test)]
mod tests {
    use switchyard_engine::ports::ProgressEnd;

    use super::*;

    fn moment(service: &str, stage: &str) -> ProgressMoment {
        ProgressMoment {
            at: "2026-03-01T02:04:10Z".parse().unwrap(),
            cluster: "main".to_owned(),
            service: service.to_owned(),
            revision: format!("{service}:8"),
            stage: stage.to_owned(),
            weight: None,
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

    fn over(
        service: &str,
        stage: &str,
        outcome: RecordOutcome,
        reason: Option<&str>,
    ) -> ProgressMoment {
        ProgressMoment {
            is_over: true,
            end: Some(ProgressEnd {
                outcome,
                reason: reason.map(str::to_owned),
                from: Some(format!("{service}:7")),
                seconds: 192,
            }),
            ..moment(service, stage)
        }
    }

    fn written(moments: &[ProgressMoment]) -> Vec<String> {
        let mut form = Form::of(WatchFormat::Github, Output::Text);
        let mut lines: Vec<String> = moments.iter().flat_map(|it| form.lines(it)).collect();
        lines.extend(form.end().map(str::to_owned));
        lines
    }

    #[test]
    fn a_deployment_is_a_group_and_its_end_an_annotation() {
        let waiting = ProgressMoment {
            awaits_approval: true,
            ..moment("web", "POST_SCALE_UP")
        };
        let lines = written(&[
            moment("web", "SCALE_UP"),
            waiting.clone(),
            waiting,
            over("web", "succeeded", RecordOutcome::Succeeded, None),
        ]);
        let expected = [
            "::group::Deployment of web to web:8",
            "2026-03-01T02:04:10Z web: SCALE_UP",
            "2026-03-01T02:04:10Z web: POST_SCALE_UP",
            "::warning title=web waits for approval::web:8 gets no more traffic until somebody runs: switchyard approve web \
             --cluster main",
            "2026-03-01T02:04:10Z web: POST_SCALE_UP",
            "2026-03-01T02:04:10Z web: succeeded",
            "::endgroup::",
            "::notice title=web%3A succeeded::web:8 is live after 3m12s, in place of web:7",
        ];
        // What a moment says of itself is tested where it is written.
        let lines: Vec<&str> = lines
            .iter()
            .map(|line| line.split(" · ").next().unwrap_or_default())
            .collect();
        assert_eq!(lines, expected);
    }

    #[test]
    fn groups_do_not_nest_and_none_stays_open() {
        let failed = over(
            "api",
            "rolled back",
            RecordOutcome::RolledBack,
            Some("5xx, 100 %\nlook"),
        );
        let lines = written(&[
            moment("api", "SCALE_UP"),
            moment("web", "SCALE_UP"),
            failed,
            moment("web", "BAKE_TIME"),
        ]);
        let commands: Vec<&str> = lines
            .iter()
            .map(String::as_str)
            .filter(|line| line.starts_with("::"))
            .collect();
        let expected = [
            "::group::Deployment of api to api:8",
            "::endgroup::",
            "::group::Deployments: api to api:8, web to web:8",
            "::error title=api%3A rolled back::The deployment of api:8 ended after 3m12s: 5xx, 100 %25%0Alook",
            "::endgroup::",
        ];
        assert_eq!(commands, expected);
    }

    #[test]
    fn an_apply_without_a_deployment_opens_nothing() {
        let settings = ProgressMoment {
            is_rolling: false,
            ..moment("web", "settings")
        };
        let done = ProgressMoment {
            is_rolling: false,
            ..over("web", "succeeded", RecordOutcome::Succeeded, None)
        };
        assert!(
            written(&[settings, done])
                .iter()
                .all(|line| !line.starts_with("::"))
        );
    }
}
