//! What tells one run from another.

use std::collections::BTreeMap;
use std::time::Duration;

use super::DesiredMigration;

fn map(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs
        .iter()
        .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
        .collect()
}

fn wanted() -> DesiredMigration {
    DesiredMigration {
        cluster: "main".to_owned(),
        name: "schema".to_owned(),
        task_definition: "shop:1".to_owned(),
        container: None,
        command: Some(vec!["migrate".to_owned(), "up".to_owned()]),
        environment: map(&[("A", "1")]),
        triggers: map(&[("image", "v1")]),
        launch: None,
        platform_version: None,
        network: None,
        tags: BTreeMap::new(),
        time_limit: Duration::from_secs(60),
    }
}

#[test]
fn what_runs_and_what_it_runs_for_make_another_run() {
    let other = |change: fn(&mut DesiredMigration)| {
        let mut wanted = wanted();
        change(&mut wanted);
        wanted.fingerprint()
    };
    let changed = [
        other(|wanted| wanted.name = "data".to_owned()),
        other(|wanted| wanted.task_definition = "shop:2".to_owned()),
        other(|wanted| wanted.container = Some("app".to_owned())),
        other(|wanted| wanted.command = None),
        other(|wanted| wanted.triggers = map(&[("image", "v2")])),
        other(|wanted| wanted.environment = map(&[("A", "2")])),
        // The same texts elsewhere.
        other(|wanted| {
            wanted.environment = map(&[]);
            wanted.triggers = map(&[("A", "1"), ("image", "v1")]);
        }),
        other(|wanted| {
            wanted.command = Some(vec!["migrate".to_owned()]);
            wanted.container = Some("up".to_owned());
        }),
    ];
    for (nth, one) in changed.iter().enumerate() {
        assert_ne!(*one, wanted().fingerprint(), "{nth}");
        assert!(!changed[..nth].contains(one), "{nth}");
    }
    // How long it may take, where it runs and how the cluster is spelled do not.
    let same = [
        other(|wanted| wanted.time_limit = Duration::from_secs(5)),
        other(|wanted| {
            wanted.cluster = "arn:aws:ecs:eu-west-1:123456789012:cluster/main".to_owned()
        }),
    ];
    assert!(same.iter().all(|one| *one == wanted().fingerprint()));
}

#[test]
fn values_of_the_environment_stay_out_of_logs() {
    let secret = DesiredMigration {
        environment: map(&[("PASSWORD", "hunter2")]),
        ..wanted()
    };
    assert!(!format!("{secret:?}").contains("hunter2"));
}
