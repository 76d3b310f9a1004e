//! What a plan can know before an apply finds it out.

use futures::future::join3;

use super::DesiredAlias;
use crate::ports::{AlarmState, AliasRouting, Ports, VersionState};

/// Something that speaks against a plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AliasDoubt {
    /// An alarm fires: the apply would move nothing.
    AlarmFires(String),
    /// There is no such alarm.
    AlarmMissing(String),
    /// There is an alias of this name that is not in the state. Where its traffic goes.
    NameTaken(AliasRouting),
    /// Lambda could not prepare the version, in its words.
    VersionFailed(Option<String>),
    /// There is no such version.
    VersionMissing,
}

/// Asks AWS about a plan that moves the alias, or makes it. What cannot be asked is said by the apply.
pub async fn verify_alias(ports: &Ports, wanted: &DesiredAlias, creates: bool) -> Vec<AliasDoubt> {
    let version = wanted.version.to_string();
    let aliases = &ports.function_aliases;
    let (version, alias, alarms) = join3(
        aliases.find_version(&wanted.function, &version),
        async {
            match creates {
                true => aliases.find_alias(&wanted.function, &wanted.name).await,
                false => Ok(None),
            }
        },
        async {
            match wanted.alarms.is_empty() {
                true => Ok(Default::default()),
                false => ports.alarms.alarm_states(&wanted.alarms).await,
            }
        },
    )
    .await;
    let mut doubts = Vec::new();
    match version {
        Ok(None) => doubts.push(AliasDoubt::VersionMissing),
        Ok(Some(found)) => match found.state {
            VersionState::Failed => doubts.push(AliasDoubt::VersionFailed(found.reason)),
            VersionState::Active
            | VersionState::Inactive
            | VersionState::Pending
            | VersionState::Unknown(_) => {}
        },
        Err(error) => tracing::debug!(error = %error, "the version could not be checked"),
    }
    if let Ok(Some(found)) = alias
        && found.routing != AliasRouting::only(wanted.version)
    {
        doubts.push(AliasDoubt::NameTaken(found.routing));
    }
    if let Ok(states) = alarms {
        for name in &wanted.alarms {
            match states.get(name) {
                None => doubts.push(AliasDoubt::AlarmMissing(name.clone())),
                // A new alias has no traffic that an alarm could speak of.
                Some(AlarmState::Firing) if !creates => {
                    doubts.push(AliasDoubt::AlarmFires(name.clone()));
                }
                Some(
                    AlarmState::Firing
                    | AlarmState::Ok
                    | AlarmState::InsufficientData
                    | AlarmState::Unknown(_),
                ) => {}
            }
        }
    }
    doubts
}
