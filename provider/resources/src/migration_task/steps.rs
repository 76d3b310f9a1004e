//! What an apply runs, in words, as the plan shows it.

use tfplugin::value::Attr;

use super::model::{BackupModel, Model};
use crate::blue_green_service::List;

/// The steps in their order; unknown as long as a part of one is.
pub(super) fn steps(model: &Model) -> List<String> {
    let steps = [
        of_command("dry run", &model.dry_run),
        backup(&model.backup),
        migration(&model.command),
        of_command("if it fails", &model.down),
    ];
    let known: Option<Vec<Option<String>>> = steps.into_iter().collect();
    known.map_or(Attr::Unknown, |steps| {
        Attr::Known(steps.into_iter().flatten().map(Attr::Known).collect())
    })
}

/// `None` while it is unknown, `Some(None)` when there is none.
fn of_command(what: &str, command: &List<String>) -> Option<Option<String>> {
    match command {
        Attr::Unknown => None,
        Attr::Null => Some(None),
        Attr::Known(words) => Some(Some(format!("{what}: {}", spelled(words)?))),
    }
}

fn migration(command: &List<String>) -> Option<Option<String>> {
    let step = of_command("migration", command)?;
    let own = "migration: the command of the task definition".to_owned();
    Some(Some(step.unwrap_or(own)))
}

fn backup(backup: &Attr<BackupModel>) -> Option<Option<String>> {
    let backup = match backup {
        Attr::Unknown => return None,
        Attr::Null => return Some(None),
        Attr::Known(backup) => backup,
    };
    let of = |what: &str, identifier: &Attr<String>| match identifier {
        Attr::Unknown => None,
        Attr::Null => Some(None),
        Attr::Known(identifier) => Some(Some(format!("backup: snapshot of {what} {identifier}"))),
    };
    let instance = of("instance", &backup.db_instance_identifier)?;
    let cluster = of("cluster", &backup.db_cluster_identifier)?;
    let command = of_command("backup", &backup.command)?;
    Some(instance.or(cluster).or(command))
}

/// Words as one line; a word with a space or nothing in it is put into quotes.
fn spelled(words: &[Attr<String>]) -> Option<String> {
    let words: Option<Vec<String>> = words
        .iter()
        .map(|word| {
            let word = word.known()?;
            let is_plain = !word.is_empty() && !word.contains(char::is_whitespace);
            Some(match is_plain {
                true => word.clone(),
                false => format!("{word:?}"),
            })
        })
        .collect();
    Some(words?.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(words: &[&str]) -> List<String> {
        let words = words.iter().map(|word| Attr::Known((*word).to_owned()));
        Attr::Known(words.collect())
    }

    fn shown(model: &Model) -> Vec<String> {
        let known = steps(model).into_known().unwrap();
        known
            .iter()
            .map(|step| step.known().unwrap().clone())
            .collect()
    }

    #[test]
    fn steps_are_in_the_order_of_their_running() {
        let alone = Model::default();
        assert_eq!(
            shown(&alone),
            ["migration: the command of the task definition"]
        );
        let all = Model {
            dry_run: list(&["migrate", "--dry-run"]),
            command: list(&["sh", "-c", "migrate up"]),
            down: list(&["migrate", "down"]),
            backup: Attr::Known(BackupModel {
                db_instance_identifier: Attr::Known("shop".to_owned()),
                ..BackupModel::default()
            }),
            ..Model::default()
        };
        assert_eq!(
            shown(&all),
            [
                "dry run: migrate --dry-run",
                "backup: snapshot of instance shop",
                "migration: sh -c \"migrate up\"",
                "if it fails: migrate down",
            ]
        );
        let unknown = Model {
            command: Attr::Known(vec![Attr::Unknown]),
            ..all
        };
        assert_eq!(steps(&unknown), Attr::Unknown);
    }
}
