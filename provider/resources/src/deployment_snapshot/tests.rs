//! What `terraform validate` says.

use tfplugin::resource::Resource;
use tfplugin::value::Attr;

use super::DeploymentSnapshot;
use super::model::Model;
use crate::snapshots::place::BucketModel;
use crate::snapshots::said::Code;
use crate::snapshots::service::ServiceModel;

fn text(text: &str) -> Attr<String> {
    Attr::Known(text.to_owned())
}

fn bucket(name: &str, prefix: Attr<String>) -> Attr<BucketModel> {
    Attr::Known(BucketModel {
        name: text(name),
        prefix,
        ..BucketModel::default()
    })
}

fn model() -> Model {
    Model {
        of: ServiceModel {
            cluster: text("main"),
            service: text("web"),
        },
        ..Model::default()
    }
}

#[track_caller]
fn violates(model: &Model, code: Code) {
    let found = DeploymentSnapshot.validate(model);
    let said: Vec<_> = found.iter().map(ToString::to_string).collect();
    assert_eq!(said.len(), 1, "{said:?}");
    assert!(said.iter().all(|text| text.contains(code.id())), "{said:?}");
}

#[track_caller]
fn is_fine(model: &Model) {
    let found = DeploymentSnapshot.validate(model);
    assert!(found.is_empty(), "{found}");
}

#[test]
fn there_is_one_place() {
    is_fine(&model());
    let mut model = model();
    model.place.folder = text("here");
    is_fine(&model);
    model.place.bucket = bucket("shop", Attr::Null);
    violates(&model, Code::TwoPlaces);
}

#[test]
fn a_copy_goes_elsewhere() {
    let mut kept = model();
    kept.place.bucket = bucket("shop", text("a"));
    violates(
        &Model {
            copy_to: bucket("shop", text("a/")),
            ..kept.clone()
        },
        Code::CopyToItself,
    );
    for fine in [
        bucket("shop", text("b")),
        bucket("shop-north", text("a")),
        bucket("shop", Attr::Unknown),
        Attr::Unknown,
    ] {
        is_fine(&Model {
            copy_to: fine,
            ..kept.clone()
        });
    }
}
