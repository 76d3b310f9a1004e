//! Why a decision was taken, as facts.

use std::fmt;

use crate::observed::{Hopeless, Tasks};
use crate::spec::Moment;
use crate::weights::Share;

/// Why. `Display` is a short clause for logs and timelines.
#[derive(Clone, Debug, PartialEq)]
pub enum Reason {
    /// AWS has not shown the effect yet.
    AnswerPending,
    /// AWS showed no effect for a while, so it is asked again.
    AskedWithoutEffect,
    /// The user cancelled.
    Cancelled,
    /// The deadline passed.
    DeadlinePassed,
    /// The deployment is not shown (any more).
    DeploymentNotShown,
    /// AWS has confirmed a deployment and lists none at all.
    NoDeploymentListed,
    /// Settings, desired count or tags differ.
    Different,
    /// The run is over.
    Ended,
    /// Too many tasks of the new revision failed.
    TasksFail {
        /// How many.
        failed: u32,
    },
    /// The service still has to be created.
    Missing,
    /// The name is taken by a service that is still draining.
    NameDraining,
    /// Someone else's service has the name.
    NameTaken,
    /// A deployment that is not wanted is under way, and is taken back.
    NotWanted {
        /// Its id.
        deployment: String,
    },
    /// A rollout to something else is under way.
    OtherRolloutRunning {
        /// Its id.
        deployment: String,
    },
    /// The service has another controller.
    OtherController,
    /// The gates of a moment are not decided yet.
    GatesPending(Moment),
    /// The gates of a moment have passed.
    GatesPassed(Moment),
    /// Gates of a moment failed, or could not be decided.
    GatesFailed(Moment),
    /// A weight is held on purpose.
    Holding {
        /// Production weight of the new revision.
        share: Share,
        /// Seconds it is held at least.
        seconds: u32,
    },
    /// What was held on purpose goes on.
    HoldOver {
        /// Production weight of the new revision.
        share: Share,
    },
    /// AWS waits for a person to approve, as the configuration says.
    AwaitsApproval {
        /// The stage word.
        stage: String,
    },
    /// AWS waits at a stage where nothing of ours holds the rollout.
    HeldBySomebody {
        /// The stage word.
        stage: String,
    },
    /// The new side has no healthy target, so it gets no more traffic.
    NewSideUnhealthy,
    /// No task of the new revision can start.
    Hopeless(Hopeless),
    /// The new side is the only healthy one: nothing is sent back.
    OldSideUnhealthy,
    /// The tasks of the old side are being stopped: nothing is sent back.
    OldSideGoes,
    /// The new side has traffic and no healthy target.
    Unavailable,
    /// Nothing is rolled out, and production goes to a side without targets.
    TrafficLost,
    /// Automatic scaling is suspended for the rollout.
    Scaling,
    /// Automatic scaling is resumed.
    ScalingResumes,
    /// The service is moved to another controller.
    Switching,
    /// The side without traffic finishes its requests.
    Draining,
    /// Traffic is moved.
    Shifting {
        /// To this share.
        share: Share,
    },
    /// The side without traffic has finished its requests.
    Drained,
    /// The new side becomes the primary one.
    Promoting,
    /// Test traffic goes to the new side.
    TestTraffic,
    /// More than one side that is not wanted has traffic, so it is unclear where the rest would go.
    SidesUnclear,
    /// The task sets, or the weights of the rule, could not be read.
    SidesUnreadable,
    /// Tasks of the new side start.
    SideStarting {
        /// Tasks that run.
        running: u32,
        /// Tasks wanted.
        desired: u32,
        /// Healthy targets.
        healthy: Option<u32>,
    },
    /// The rollout is under way.
    Progress {
        /// Stage or status word.
        stage: String,
        /// Production traffic on the new revision.
        weight: Option<Share>,
        /// Tasks of the new revision.
        tasks: Option<Tasks>,
    },
    /// The revision differs, or a rollout is forced.
    RevisionDiffers,
    /// The rollout is being undone.
    RollingBack {
        /// Stage or status word.
        stage: String,
    },
    /// A rollout towards what is wanted runs already.
    RolloutFound,
    /// The service is gone.
    ServiceGone,
    /// Tasks of a new service start.
    TasksStarting,
    /// A status word this build does not know.
    UnknownWord(String),
    /// CodeDeploy waits for somebody to continue the deployment.
    WaitsForApproval,
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AnswerPending => f.write_str("AWS has not shown the effect yet"),
            Self::AskedWithoutEffect => f.write_str("requested before without effect"),
            Self::Cancelled => f.write_str("cancelled"),
            Self::DeadlinePassed => f.write_str("the time limit has passed"),
            Self::DeploymentNotShown => f.write_str("AWS does not show the deployment"),
            Self::NoDeploymentListed => {
                f.write_str("AWS has confirmed a deployment and lists none at all")
            }
            Self::Different => f.write_str("settings differ"),
            Self::Ended => f.write_str("over"),
            Self::TasksFail { failed } => {
                write!(f, "{failed} tasks of the new revision failed")
            }
            Self::Missing => f.write_str("the service does not exist"),
            Self::NameDraining => f.write_str("a deleted service with this name is still draining"),
            Self::NameTaken => f.write_str("a different service has this name"),
            Self::NotWanted { deployment } => {
                write!(
                    f,
                    "deployment {deployment} is not configured, and is rolled back"
                )
            }
            Self::OtherRolloutRunning { deployment } => {
                write!(f, "another deployment is in progress: {deployment}")
            }
            Self::OtherController => f.write_str("the service has a different controller"),
            Self::GatesPending(moment) => write!(f, "gates {moment} are not decided yet"),
            Self::GatesPassed(moment) => write!(f, "gates {moment} have passed"),
            Self::GatesFailed(moment) => write!(f, "gates {moment} failed"),
            Self::Holding { share, seconds } => {
                write!(f, "{share} % is held for {seconds} s")
            }
            Self::HoldOver { share } => {
                write!(f, "continuing from {share} %")
            }
            Self::AwaitsApproval { stage } => {
                write!(f, "waiting at {stage} for somebody to approve")
            }
            Self::HeldBySomebody { stage } => {
                write!(f, "AWS waits at {stage} for somebody to continue it")
            }
            Self::NewSideUnhealthy => {
                f.write_str("the new revision has no healthy target, so it gets no more traffic")
            }
            Self::Hopeless(cause) => f.write_str(cause.words()),
            Self::OldSideUnhealthy => {
                f.write_str("the old side has no healthy target, so no traffic returns to it")
            }
            Self::OldSideGoes => f.write_str(
                "all traffic has moved and the old tasks are being stopped, so no traffic returns",
            ),
            Self::Unavailable => f.write_str("the new revision has traffic and no healthy target"),
            Self::TrafficLost => f.write_str(
                "production goes to a target group without targets, while another one serves",
            ),
            Self::Scaling => f.write_str("automatic scaling is suspended for the deployment"),
            Self::ScalingResumes => f.write_str("automatic scaling is resumed"),
            Self::Switching => f.write_str("the controller is changed"),
            Self::Draining => f.write_str("the side without traffic finishes its requests"),
            Self::Shifting { share } => write!(f, "moving to {share} %"),
            Self::Drained => f.write_str("the side without traffic has finished its requests"),
            Self::Promoting => f.write_str("the new task set becomes the primary one"),
            Self::TestTraffic => f.write_str("test traffic goes to the new task set"),
            Self::SidesUnclear => {
                f.write_str("more than one task set of other revisions has traffic")
            }
            Self::SidesUnreadable => {
                f.write_str("the task sets or the weights of the production rule cannot be read")
            }
            Self::SideStarting {
                running,
                desired,
                healthy,
            } => {
                write!(f, "{running} of {desired} new tasks are running")?;
                match healthy {
                    Some(healthy) => write!(f, ", {healthy} healthy"),
                    None => Ok(()),
                }
            }
            Self::Progress {
                stage,
                weight,
                tasks,
            } => {
                f.write_str(stage)?;
                if let Some(weight) = weight {
                    write!(f, ", {weight} % on the new revision")?;
                }
                match tasks {
                    Some(Tasks { running, desired }) => {
                        write!(f, ", {running} of {desired} new tasks are running")
                    }
                    None => Ok(()),
                }
            }
            Self::RevisionDiffers => f.write_str("the revision differs"),
            Self::RollingBack { stage } => write!(f, "rolling back: {stage}"),
            Self::RolloutFound => {
                f.write_str("a deployment to the desired revision is in progress")
            }
            Self::ServiceGone => f.write_str("the service is gone"),
            Self::TasksStarting => f.write_str("tasks are starting"),
            Self::UnknownWord(word) => {
                write!(f, "AWS says {word}, which this version does not know")
            }
            Self::WaitsForApproval => f.write_str("CodeDeploy waits to be continued"),
        }
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BeforeStart => f.write_str("before the start"),
            Self::BeforeTraffic => f.write_str("before traffic"),
            Self::Step { share } => write!(f, "at {share} %"),
            Self::Bake => f.write_str("at 100 %"),
            Self::After => f.write_str("after the deployment"),
        }
    }
}
