//! A service whose traffic AWS moves: by ECS or by CodeDeploy, and from one to the other.

use switchyard_rollout::{ControllerSeen, Effect, Engine, Observed, Phase, RolloutStep, Seen};

use crate::cloud::{Called, Cloud, Existence, POLL, Revision, Service, Wish};
use crate::code_deploy::{self, CodeDeploy};
use crate::native::{self, Native};

/// Which revisions serve.
#[derive(Clone, Debug)]
pub(crate) struct Health {
    /// Revisions whose tasks do not.
    ill: Vec<Revision>,
    /// Tasks of each side.
    pub(crate) desired: u32,
}

impl Health {
    /// Whether its tasks start, if there are to be any.
    pub(crate) fn starts(&self, revision: Revision) -> bool {
        !self.ill.contains(&revision)
    }

    pub(crate) fn serves(&self, revision: Revision) -> bool {
        self.count(revision) > 0
    }

    /// Healthy targets.
    pub(crate) fn count(&self, revision: Revision) -> u32 {
        match self.starts(revision) {
            true => self.desired,
            false => 0,
        }
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Managed {
    service: Service,
    controller: Engine,
    native: Native,
    code_deploy: CodeDeploy,
    ill: Vec<Revision>,
    /// Seconds until the first tasks under CodeDeploy run.
    starting: i64,
    /// The rule forwards to both groups, all traffic to the live one.
    routes_prepared: bool,
}

impl Managed {
    /// `A` is live under ECS, nothing runs.
    pub(crate) fn under_ecs() -> Self {
        Self {
            service: Service::found(),
            controller: Engine::Ecs,
            native: Native::found(),
            code_deploy: CodeDeploy::new(Revision::A),
            ill: Vec::new(),
            starting: 0,
            routes_prepared: false,
        }
    }

    /// `A` is live under CodeDeploy, nothing runs.
    pub(crate) fn under_code_deploy() -> Self {
        Self {
            controller: Engine::CodeDeploy,
            native: Native::new(Revision::A),
            ..Self::under_ecs()
        }
    }

    fn health(&self) -> Health {
        Health {
            ill: self.ill.clone(),
            desired: self.service.desired(),
        }
    }

    fn live(&self) -> Revision {
        match self.controller {
            Engine::Ecs => self.native.serving(),
            Engine::CodeDeploy | Engine::External => self.code_deploy.live,
        }
    }

    fn differs(&self, wish: Wish) -> bool {
        match self.controller {
            Engine::Ecs => self.native.differs(wish.revision),
            Engine::CodeDeploy | Engine::External => self.live() != wish.revision,
        }
    }

    fn is_running(&self) -> bool {
        match self.controller {
            Engine::Ecs => self.native.running().is_some(),
            Engine::CodeDeploy | Engine::External => self.code_deploy.running().is_some(),
        }
    }

    fn is_steady(&self) -> bool {
        match self.controller {
            Engine::Ecs => !self.is_running(),
            Engine::CodeDeploy | Engine::External => {
                let starts = self.health().starts(self.live());
                self.starting == 0 && starts && !self.is_running()
            }
        }
    }

    /// UpdateService with another controller.
    fn switch(&mut self, wish: Wish) -> Called {
        if self.is_running() {
            return Called::NotYet;
        }
        match (self.controller, wish.engine) {
            (Engine::CodeDeploy, Engine::Ecs) => {
                let live = self.code_deploy.live;
                self.native
                    .start(wish.revision, Some(live), wish.steps, true);
            }
            (Engine::Ecs, Engine::CodeDeploy) => {
                self.code_deploy = CodeDeploy::new(self.native.serving());
                self.starting = 0;
            }
            // The other apply was faster.
            (Engine::CodeDeploy | Engine::Ecs | Engine::External, _) => return Called::Failed,
        }
        self.controller = wish.engine;
        self.routes_prepared = false;
        self.service.adjust();
        Called::Done { started: None }
    }

    fn create(&mut self, wish: Wish) -> Called {
        if !self.service.create() {
            return Called::NotYet;
        }
        self.controller = wish.engine;
        self.native.clear();
        self.code_deploy.clear();
        match wish.engine {
            Engine::Ecs => self.native.start(wish.revision, None, wish.steps, true),
            Engine::CodeDeploy | Engine::External => {
                self.code_deploy.live = wish.revision;
                self.starting = POLL;
            }
        }
        Called::Done { started: None }
    }

    /// The effects on the deployments of the controller that the service has.
    fn perform_on_deployments(&mut self, wish: Wish, step: &Effect, seen: &Self) -> Called {
        let mut started = None;
        match (step, self.controller) {
            // The other apply has changed the controller meanwhile.
            (Effect::StartRollout, controller) if controller != wish.engine => {
                return Called::Failed;
            }
            (Effect::StartRollout, Engine::Ecs) => {
                self.native.deploy(wish, &seen.native);
                self.service.adjust();
                self.service.has_its_own = wish.only_now;
            }
            (Effect::StartRollout, _) => {
                started = self.code_deploy.start(wish.revision, wish.steps, true);
                if started.is_none() {
                    return Called::NotYet;
                }
            }
            (Effect::Rollout(RolloutStep::Continue { deployment, hold }), Engine::Ecs) => {
                if !self.native.go_on(deployment, hold) {
                    return Called::Failed;
                }
            }
            (Effect::Rollout(RolloutStep::Continue { deployment, .. }), _) => {
                if !self.code_deploy.go_on(deployment) {
                    return Called::Failed;
                }
            }
            (
                Effect::Rollout(RolloutStep::Stop {
                    deployment,
                    roll_back,
                }),
                Engine::Ecs,
            ) => self.native.stop(deployment, *roll_back),
            (
                Effect::Rollout(RolloutStep::Stop {
                    deployment,
                    roll_back,
                }),
                _,
            ) => self.code_deploy.stop(deployment, *roll_back),
            (other, _) => panic!("no effect on deployments: {other:?}"),
        }
        Called::Done { started }
    }

    /// What others may deploy.
    fn deployed(&self) -> Vec<(&'static str, Self)> {
        let mut all = Vec::new();
        match self.controller {
            Engine::Ecs => {
                let pauses = self.native.pauses;
                let update = |pauses| {
                    self.with(|cloud| cloud.native.update(Revision::C, pauses, true, false))
                };
                all.push(("somebody deploys C", update(pauses)));
                if !pauses {
                    all.push(("somebody deploys C, with pauses", update(true)));
                }
                for (words, native) in self.native.happenings() {
                    all.push((words, self.with(|cloud| cloud.native = native)));
                }
            }
            Engine::CodeDeploy | Engine::External => {
                let start = |waits| {
                    self.with(|cloud| {
                        cloud.code_deploy.start(Revision::C, waits, false);
                    })
                };
                if !self.is_running() {
                    all.push(("somebody deploys C", start(false)));
                    all.push((
                        "somebody deploys C, and waits before traffic moves",
                        start(true),
                    ));
                }
                for (words, code_deploy) in self.code_deploy.happenings() {
                    all.push((words, self.with(|cloud| cloud.code_deploy = code_deploy)));
                }
            }
        }
        all
    }
}

impl Cloud for Managed {
    fn show(&self, wish: Wish, phase: &Phase, now: i64, into: &mut Observed) {
        into.service = self.service.seen(self.differs(wish));
        let Seen::Active(active) = &mut into.service else {
            return;
        };
        active.steady = self.is_steady();
        let is_wanted = self.controller == wish.engine;
        let mut phase = phase;
        if !is_wanted {
            active.controller = ControllerSeen::Switchable(self.controller);
            active.routes_prepared = self.routes_prepared;
            if !matches!(phase, Phase::AwaitTakenBack { .. }) {
                phase = &Phase::AwaitTurn;
            }
        }
        let may_return = matches!(phase, Phase::AwaitTurn | Phase::AwaitSwitched { .. });
        let health = self.health();
        active.traffic_lost = self.service.is_lost
            && is_wanted
            && may_return
            && !self.is_running()
            && (health.serves(self.live()) || self.service.is_empty);
        (into.followed, into.newest) = match self.controller {
            Engine::Ecs => self.native.show(wish, phase, &health, now),
            Engine::CodeDeploy | Engine::External => {
                self.code_deploy.show(wish, phase, &health, now)
            }
        };
    }

    fn objection(&self, wish: Wish, seen: &Observed, step: &Effect) -> Option<String> {
        let health = self.health();
        let is_lost = seen.active().is_some_and(|active| active.traffic_lost);
        let broken = match (step, self.controller) {
            (Effect::StartRollout, _) if is_lost => {
                Some("a rollout begins while traffic reaches nobody")
            }
            (Effect::StartRollout, Engine::Ecs)
                if self.native.has_succeeded() && self.is_as(wish) =>
            {
                Some("one intention causes two deployments")
            }
            (Effect::StartRollout, Engine::CodeDeploy) if self.is_as(wish) => {
                Some("one intention causes two deployments")
            }
            (Effect::SwitchController, _) if self.is_running() && seen.newest.is_some() => {
                Some("the controller is changed while a deployment runs")
            }
            (Effect::SwitchController, Engine::CodeDeploy) if !self.routes_prepared => {
                Some("ECS takes over a rule that it cannot move traffic with")
            }
            (Effect::ReturnTraffic, _) if !health.serves(self.live()) && !self.service.is_empty => {
                Some("traffic is sent to a side without healthy targets")
            }
            (_, _) => None,
        };
        let broken = broken.map(str::to_owned);
        broken.or_else(|| match self.controller {
            Engine::Ecs => self.native.objection(wish, &health, step),
            Engine::CodeDeploy | Engine::External => {
                self.code_deploy.objection(wish, &health, step)
            }
        })
    }

    fn perform(&mut self, wish: Wish, step: &Effect, seen: &Self, _: u8) -> Called {
        match step {
            Effect::Create => return self.create(wish),
            Effect::StartRollout | Effect::Rollout(_) => {
                return self.perform_on_deployments(wish, step, seen);
            }
            Effect::PrepareRoutes => {
                // Nothing is written while the live side serves nobody.
                if !self.health().serves(self.live()) && !self.service.is_empty {
                    return Called::NotYet;
                }
                self.routes_prepared = true;
                self.service.is_lost = false;
            }
            Effect::ReturnTraffic => self.service.is_lost = false,
            Effect::SwitchController => return self.switch(wish),
            Effect::Adjust => {
                self.service.perform(step);
                self.native.pauses = wish.steps;
            }
            Effect::Scaling(_) => self.service.perform(step),
            Effect::Side(_) => panic!("no effect of this engine: {step:?}"),
        }
        Called::Done { started: None }
    }

    fn pass(&mut self, seconds: i64) {
        self.starting = (self.starting - seconds).max(0);
        if self.service.existence == Existence::Draining {
            self.service.existence = Existence::Absent;
            self.native.clear();
            self.code_deploy.clear();
        }
        let health = self.health();
        let has_moved = match self.controller {
            Engine::Ecs => self.native.pass(seconds, &health),
            Engine::CodeDeploy | Engine::External => self.code_deploy.pass(seconds, &health),
        };
        // Whoever moves traffic writes the whole rule.
        if has_moved {
            self.service.is_lost = false;
            self.routes_prepared = false;
        }
    }

    fn happenings(&self) -> Vec<(&'static str, Self)> {
        let mut all = Service::happenings(self);
        all.extend(self.deployed());
        let sick = [
            (Revision::A, "the tasks of A die"),
            (Revision::B, "the tasks of B die"),
        ];
        for (revision, words) in sick {
            if !self.ill.contains(&revision) {
                all.push((words, self.with(|cloud| cloud.ill.push(revision))));
            }
        }
        if !self.service.is_lost && !self.is_running() {
            all.push((
                "somebody sends production to the empty side",
                self.with(|cloud| {
                    cloud.service.is_lost = true;
                    cloud.routes_prepared = false;
                }),
            ));
        }
        all
    }

    fn heal(&mut self) {
        self.ill.clear();
    }

    fn is_as(&self, wish: Wish) -> bool {
        let is_deployed = match self.controller {
            Engine::Ecs => self.native.is_as(wish),
            Engine::CodeDeploy | Engine::External => self.code_deploy.is_as(wish),
        };
        self.controller == wish.engine && self.service.is_as_configured() && is_deployed
    }

    fn is_held_by_somebody(&self, wish: Wish) -> bool {
        match self.controller {
            Engine::Ecs => {
                let running = self.native.running();
                running.is_some_and(|found| native::is_held_by_somebody(found, wish))
            }
            Engine::CodeDeploy | Engine::External => {
                let running = self.code_deploy.running();
                running.is_some_and(|found| code_deploy::is_held_by_somebody(found, wish))
            }
        }
    }

    fn service(&self) -> &Service {
        &self.service
    }

    fn service_mut(&mut self) -> &mut Service {
        &mut self.service
    }

    fn destroy(&mut self) {
        self.service.existence = Existence::Draining;
    }
}
