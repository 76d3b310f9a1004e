//! A counterexample, told in the form of the golden scenarios.

use std::fmt::Write as _;

use switchyard_rollout::{
    Active, Answer, BegunBy, ControllerSeen, Decision, Deployment, Effect, Engine, Heading, Intent,
    Mark, Moment, MomentVerdict, Observed, OnCancel, OnForeign, Phase, ScalingDuring, ScalingSeen,
    Seen, Side, Spec, TestRoute,
};

/// What has happened so far, or nothing when nobody wants to know.
#[derive(Debug)]
pub(crate) struct Story {
    lines: Option<Vec<String>>,
    spec: String,
}

impl Story {
    pub(crate) fn told() -> Self {
        Self {
            lines: Some(Vec::new()),
            spec: String::new(),
        }
    }

    pub(crate) fn untold() -> Self {
        Self {
            lines: None,
            spec: String::new(),
        }
    }

    /// What happens, as a comment unless it is a word of the scenarios.
    pub(crate) fn line(&mut self, what: &str) {
        if let Some(lines) = self.lines.as_mut().filter(|_| !what.is_empty()) {
            let mark = if what.starts_with("---") { "" } else { "# " };
            lines.push(format!("{mark}{what}"));
        }
    }

    /// One look of a run, and what it decides.
    pub(crate) fn tell(&mut self, run: u8, spec: &Spec, seen: &Observed, decision: &Decision) {
        let Some(lines) = &mut self.lines else {
            return;
        };
        let words = spec_words(spec);
        if words != self.spec {
            lines.push(words.clone());
            self.spec = words;
        }
        if run > 0 {
            lines.push(format!("# the other apply ({run})"));
        }
        lines.push(observed_words(seen));
        let place = match &decision.phase {
            Phase::Settled(outcome) => format!("Settled {outcome:?}"),
            Phase::Sides(phase) => format!("{} {}", phase.name(), phase.side().unwrap_or_default()),
            phase => format!("{} {}", phase.name(), phase.followed().unwrap_or_default()),
        };
        let (step, reason) = (show_step(decision), &decision.reason);
        lines.push(format!("> {} | {step} | {reason}", place.trim_end()));
    }

    pub(crate) fn end(self, rule: &str) -> String {
        let lines = self.lines.unwrap_or_default().join("\n");
        format!("{rule}\n\n{lines}\n")
    }
}

/// The step in one line: its name, and its content.
fn show_step(decision: &Decision) -> String {
    let content = match &decision.step {
        Some(Effect::Rollout(step)) => format!("{step:?}"),
        Some(Effect::Side(step)) => format!("{step:?}"),
        Some(_) | None => String::new(),
    };
    let content = content
        .split_once(' ')
        .map_or(String::new(), |(_, content)| format!(" {content}"));
    format!("{}{content}", decision.step_name())
}

fn spec_words(spec: &Spec) -> String {
    let engine = engine_word(spec.engine);
    let intent = match spec.intent {
        Intent::Create => "create",
        Intent::Update => "update",
    };
    let mut text = format!("spec {engine} {intent}");
    if spec.on_cancel == OnCancel::Leave {
        text.push_str(" leave");
    }
    if spec.on_foreign == OnForeign::Stop {
        text.push_str(" stop-foreign");
    }
    if spec.only_now {
        text.push_str(" only-now");
    }
    if spec.holds {
        text.push_str(" holds");
    }
    write!(text, " deadline={}", spec.deadline.as_second()).unwrap();
    let steps: Vec<String> = spec
        .steps
        .iter()
        .map(|hold| format!("{}@{}", hold.share, hold.seconds))
        .collect();
    if !steps.is_empty() {
        write!(text, " steps={}", steps.join(",")).unwrap();
    }
    let moments = [
        (spec.gated.before_start, "start"),
        (spec.gated.before_traffic, "before"),
        (spec.gated.step, "step"),
        (spec.gated.bake, "bake"),
        (spec.gated.after, "after"),
    ];
    let asked: Vec<&str> = moments
        .into_iter()
        .filter_map(|(is_asked, moment)| is_asked.then_some(moment))
        .collect();
    if !asked.is_empty() {
        write!(text, " gated={}", asked.join(",")).unwrap();
    }
    match spec.scaling {
        ScalingDuring::Keep => {}
        ScalingDuring::SuspendAll => text.push_str(" scaling=all"),
        ScalingDuring::SuspendIn => text.push_str(" scaling=in"),
    }
    text
}

fn engine_word(engine: Engine) -> &'static str {
    match engine {
        Engine::CodeDeploy => "codedeploy",
        Engine::Ecs => "ecs",
        Engine::External => "external",
    }
}

fn observed_words(seen: &Observed) -> String {
    let mut text = format!("t={}", seen.now.as_second());
    match &seen.service {
        Seen::Absent => text.push_str(" absent"),
        Seen::Draining => text.push_str(" draining"),
        Seen::Unknown(word) => write!(text, " status:{word}").unwrap(),
        Seen::Active(active) => text.push_str(&active_words(active)),
    }
    if seen.cancelled {
        text.push_str(" cancelled");
    }
    match &seen.answer {
        Answer::None => {}
        Answer::Done { started: None } => text.push_str(" answer=done"),
        Answer::Done { started: Some(id) } => write!(text, " answer=done:{id}").unwrap(),
        Answer::Unsure => text.push_str(" answer=unsure"),
        Answer::Refused => text.push_str(" answer=refused"),
        Answer::StopRefused => text.push_str(" answer=stop-refused"),
    }
    if let Some(gate) = seen.gate {
        let moment = match gate.moment {
            Moment::BeforeStart => "start".to_owned(),
            Moment::BeforeTraffic => "before".to_owned(),
            Moment::Step { share } => share.to_string(),
            Moment::Bake => "bake".to_owned(),
            Moment::After => "after".to_owned(),
        };
        let verdict = match gate.verdict {
            MomentVerdict::Failed => "failed",
            MomentVerdict::Inconclusive => "inconclusive",
            MomentVerdict::Passed => "passed",
            MomentVerdict::Pending => "pending",
        };
        write!(text, " gate={moment}:{verdict}").unwrap();
    }
    for (name, deployment) in [("followed", &seen.followed), ("newest", &seen.newest)] {
        if let Some(deployment) = deployment {
            write!(text, " {name}={}", deployment_words(deployment)).unwrap();
        }
    }
    if let Some(sides) = &seen.sides {
        write!(text, " drain={}", sides.drain_seconds).unwrap();
        if sides.headless {
            text.push_str(" headless");
        }
        match &sides.test {
            TestRoute::Absent => {}
            TestRoute::Elsewhere => text.push_str(" test=elsewhere"),
            TestRoute::Side(id) => write!(text, " test={id}").unwrap(),
        }
        for side in &sides.all {
            write!(text, " side={}", side_words(side)).unwrap();
        }
    }
    text
}

fn active_words(active: &Active) -> String {
    let mut text = " active".to_owned();
    match active.mark {
        Mark::Absent => {}
        Mark::Other => text.push_str(" mark=other"),
        Mark::Ours => text.push_str(" mark=ours"),
    }
    match (active.differs.revision, active.differs.settings) {
        (true, true) => text.push_str(" differs=revision,settings"),
        (true, false) => text.push_str(" differs=revision"),
        (false, true) => text.push_str(" differs=settings"),
        (false, false) => {}
    }
    if active.steady {
        text.push_str(" steady");
    }
    match active.controller {
        ControllerSeen::Wanted => {}
        ControllerSeen::Switchable(engine) => {
            write!(text, " switchable={}", engine_word(engine)).unwrap();
        }
        ControllerSeen::Other => text.push_str(" other-controller"),
    }
    let flags = [
        (active.routes_prepared, " routes"),
        (active.traffic_lost, " traffic-lost"),
        (active.scaling == ScalingSeen::Suspended, " suspended"),
    ];
    for (_, word) in flags.into_iter().filter(|(is_set, _)| *is_set) {
        text.push_str(word);
    }
    text
}

fn heading_word(heading: Heading) -> &'static str {
    match heading {
        Heading::Elsewhere => "",
        Heading::Unknown => ",young",
        Heading::Wanted => ",wanted",
    }
}

fn number(number: Option<u32>) -> String {
    number.map_or_else(|| "-".to_owned(), |number| number.to_string())
}

fn deployment_words(deployment: &Deployment) -> String {
    let mut text = format!("{}:{}", deployment.id, deployment.status.word());
    text.push_str(heading_word(deployment.heading));
    match deployment.begun_by {
        BegunBy::Aws => text.push_str(",undoes"),
        BegunBy::Other => {}
        BegunBy::Us => text.push_str(",ours"),
    }
    if !deployment.can_roll_back {
        text.push_str(",first");
    }
    if let Some(stage) = &deployment.stage {
        write!(text, ",stage={}", stage.word()).unwrap();
    }
    if let Some(weight) = deployment.weight {
        write!(text, ",weight={weight}").unwrap();
    }
    if let Some(held) = &deployment.paused {
        write!(text, ",held={}", held.id).unwrap();
    }
    if deployment.healthy_new.is_some() || deployment.healthy_old.is_some() {
        let (new, old) = (deployment.healthy_new, deployment.healthy_old);
        write!(text, ",healthy={}/{}", number(new), number(old)).unwrap();
    }
    if let Some(rollback) = &deployment.rollback {
        write!(text, ",rollback={rollback}").unwrap();
    }
    if deployment.rollback_expected {
        text.push_str(",expected");
    }
    if let Some(finished) = deployment.finished_at {
        write!(text, ",finished={}", finished.as_second()).unwrap();
    }
    text
}

fn side_words(side: &Side) -> String {
    let status = side.status.word();
    let heading = heading_word(side.heading);
    let percent = side.share;
    let (running, desired) = (side.running, side.desired);
    let id = &side.id;
    format!("{id}:{status}{heading},traffic={percent},tasks={running}/{desired}")
}
