//! Groups: selected by their tag or a file, shown in the order of their waves, taken back as a whole.

use serde_json::{Value, json};
use std::time::Duration;
use switchyard_engine::OnCancel;
use switchyard_engine::group::{DesiredGroup, DesiredMember, Places, apply_group};
use switchyard_engine::ports::ServiceRef;
use switchyard_operate::{Exit, Rollback, Wanted};
use switchyard_support::account::Account;
use tokio_util::sync::CancellationToken;

use crate::operator::{Way, of};

/// Name → what it waits for.
const SHOP: [(&str, &[&str]); 3] = [
    ("gateway", &["users", "payments"]),
    ("users", &[]),
    ("payments", &[]),
];

fn definition(account: &Account, family: &str, tag: &str) {
    account.ecs("RegisterTaskDefinition", json!({
        "family": family, "requiresCompatibilities": ["FARGATE"], "networkMode": "awsvpc", "cpu": "256", "memory": "512",
        "containerDefinitions": [{ "name": "app", "image": format!("shop:{tag}"), "essential": true }],
    }));
}

/// The members at their first revision, with a second one registered.
fn account() -> Account {
    let account = Account::new();
    for (name, _) in SHOP {
        definition(&account, name, "v1");
        definition(&account, name, "v2");
        account.ecs("CreateService", json!({
            "cluster": "main", "serviceName": name, "taskDefinition": format!("{name}:1"), "desiredCount": 1,
            "launchType": "FARGATE",
            "networkConfiguration": { "awsvpcConfiguration": { "subnets": ["subnet-1"] } },
        }));
    }
    account.world.advance(Duration::from_secs(600));
    account
}

/// The whole group moves to a revision.
async fn moved(account: &Account, revision: u32) {
    let members = SHOP.iter().map(|(name, after)| DesiredMember {
        key: (*name).to_owned(),
        service: ServiceRef {
            cluster: "main".to_owned(),
            name: (*name).to_owned(),
        },
        task_definition: format!("{name}:{revision}"),
        after: after.iter().map(|after| (*after).to_owned()).collect(),
        checks: None,
    });
    let wanted = DesiredGroup {
        name: "shop".to_owned(),
        members: members.collect(),
        pause: Duration::ZERO,
        pause_between_regions: Duration::ZERO,
        stages: Vec::new(),
        time_limit: Duration::from_secs(3600),
        on_cancel: OnCancel::Rollback,
        overrides_freezes: false,
    };
    let applied = apply_group(
        &Places::from(&account.ports),
        &wanted,
        &CancellationToken::new(),
    )
    .await;
    applied.result.unwrap();
}

fn shop() -> Way {
    let mut way = of(&[], None);
    way.wanted.group = Some("shop".to_owned());
    way
}

fn live(account: &Account) -> [String; 3] {
    SHOP.map(|(name, _)| {
        let input = json!({ "cluster": "main", "services": [name] });
        let found = account.ecs("DescribeServices", input);
        let arn = found["services"][0]["taskDefinition"]
            .as_str()
            .unwrap()
            .to_owned();
        arn.rsplit('/').next().unwrap().to_owned()
    })
}

fn dry() -> Rollback {
    Rollback {
        dry_run: true,
        ..Rollback::default()
    }
}

#[tokio::test]
async fn a_group_is_shown_by_wave_and_goes_back_the_last_wave_first() {
    let account = account();
    moved(&account, 1).await;
    let nothing = shop()
        .rollback(&account.ports, &Rollback::default())
        .await
        .nothing();
    assert!(
        nothing.contains("Group `shop` has nothing to go back to"),
        "{nothing}"
    );
    moved(&account, 2).await;

    let shown = shop().json().status(&account.ports).await.json();
    let names: Vec<&str> = shown["services"]
        .as_array()
        .unwrap()
        .iter()
        .map(|service| service["service"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["payments", "users", "gateway"]);

    let planned = shop()
        .rollback(&account.ports, &dry())
        .await
        .ends(Exit::Done);
    let expected = "Group `shop` goes back, the last wave first, all at once and without a bake time:\n  \
        wave  member    from        to\n  \
        2     gateway   gateway:2   gateway:1\n  \
        1     payments  payments:2  payments:1\n  \
        1     users     users:2     users:1\nNothing was changed.\n";
    assert_eq!(planned, expected);
    assert_eq!(live(&account), ["gateway:2", "users:2", "payments:2"]);
    let planned = shop().json().rollback(&account.ports, &dry()).await;
    let planned: Value = serde_json::from_str(&planned.ends(Exit::Done)).unwrap();
    assert_eq!(planned["action"], "would_roll_back");
    assert_eq!(planned["members"][0]["member"], "gateway");
    let refused = shop()
        .asked("n\n")
        .rollback(&account.ports, &Rollback::default())
        .await;
    assert!(refused.fails().contains("Not confirmed"));

    let wanted = Rollback {
        reason: Some("5xx".to_owned()),
        ..Rollback::default()
    };
    let text = shop()
        .rollback(&account.ports, &wanted)
        .await
        .ends(Exit::Done);
    let (_, report) = text.split_once("Group `shop` is rolled back.\n").unwrap();
    assert!(
        report.starts_with("  gateway: gateway:1 is live again\n"),
        "{report}"
    );
    assert_eq!(live(&account), ["gateway:1", "users:1", "payments:1"]);
    let input = json!({ "cluster": "main", "services": ["users"], "include": ["TAGS"] });
    let found = account.ecs("DescribeServices", input)["services"][0]["tags"].to_string();
    assert!(
        found.contains("rollback of group shop to users:1: 5xx"),
        "{found}"
    );
    // Whoever asks twice does not go back twice.
    let again = shop()
        .rollback(&account.ports, &Rollback::default())
        .await
        .nothing();
    assert!(again.contains("nothing to go back to"), "{again}");
}

#[tokio::test]
async fn what_somebody_else_has_deployed_since_stays() {
    let account = account();
    moved(&account, 2).await;
    definition(&account, "users", "v3");
    let input = json!({ "cluster": "main", "service": "users", "taskDefinition": "users:3" });
    account.ecs("UpdateService", input);
    account.world.advance(Duration::from_secs(600));
    let planned = shop()
        .rollback(&account.ports, &dry())
        .await
        .ends(Exit::Done);
    assert!(!planned.contains("users"), "{planned}");
    shop()
        .rollback(&account.ports, &Rollback::default())
        .await
        .ends(Exit::Done);
    assert_eq!(live(&account), ["gateway:1", "users:3", "payments:1"]);
}

#[tokio::test]
async fn a_group_is_found_by_its_tag_or_in_a_state() {
    let account = account();
    moved(&account, 2).await;
    let arn = "arn:aws:ecs:eu-west-1:123456789012:service/main/users";
    let state = json!({ "values": { "root_module": { "resources": [{
        "type": "switchyard_service_group", "mode": "managed",
        "values": { "name": "shop", "member": [{ "name": "users", "service": arn }] },
    }] } } });
    let mut of_file = shop();
    of_file.wanted.file = Some(("state.json".to_owned(), state.to_string()));
    let shown = of_file.json().status(&account.ports).await.json();
    assert_eq!(shown["services"].as_array().unwrap().len(), 1);

    let mut unknown = shop();
    unknown.wanted = Wanted {
        group: Some("other".to_owned()),
        ..Wanted::default()
    };
    let said = unknown.status(&account.ports).await.fails();
    assert!(said.contains("There is no group `other`"), "{said}");
    let to = Rollback {
        to: Some("users:1".to_owned()),
        ..Rollback::default()
    };
    assert!(
        shop()
            .rollback(&account.ports, &to)
            .await
            .fails()
            .contains("name a revision of one service")
    );
}
