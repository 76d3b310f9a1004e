//! What `terraform validate` says.

use tfplugin::resource::Resource as _;
use tfplugin::schema::Validator as _;
use tfplugin::value::{Attr, Value};

use super::model::Model;
use super::{MigrationTask, rules};
use crate::blue_green_service::{CapacityProviderModel, LaunchWord};

#[test]
fn a_task_has_one_place_to_run() {
    let provider = CapacityProviderModel {
        capacity_provider: Attr::Known("FARGATE_SPOT".to_owned()),
        ..CapacityProviderModel::default()
    };
    let both = Model {
        launch_type: Attr::Known(LaunchWord::Fargate),
        capacity_provider_strategy: Attr::Known(vec![Attr::Known(provider)]),
        ..Model::default()
    };
    let said = MigrationTask.validate(&both).to_string();
    assert!(said.contains("SY0286"), "{said}");
    for one in [
        Model {
            launch_type: Attr::Null,
            ..both.clone()
        },
        Model {
            capacity_provider_strategy: Attr::Known(Vec::new()),
            ..both
        },
    ] {
        assert!(MigrationTask.validate(&one).is_empty());
    }
}

#[test]
fn names_fit_into_started_by() {
    let fits = |text: &str| rules::name().check(&Value::from(text)).is_ok();
    let longest = "x".repeat(100);
    for name in ["a", "shop-schema_2", &longest] {
        assert!(fits(name), "{name}");
    }
    for name in [
        "",
        "shop schema",
        "shop/schema",
        "schéma",
        &format!("{longest}x"),
    ] {
        assert!(!fits(name), "{name}");
    }
}

#[test]
fn a_timeout_is_a_time() {
    let fits = |text: &str| rules::timeout().check(&Value::from(text)).is_ok();
    assert!(["10s", "15m", "24h"].into_iter().all(fits));
    assert!(!["9s", "25h", "soon", ""].into_iter().any(fits));
}
