//! Plans of random objects, and of the corners where a structure comes, goes or is not known yet.

use async_trait::async_trait;
use proptest::prelude::*;

use crate::context::Context;
use crate::contract;
use crate::diagnostic::Diagnostics;
use crate::pipeline::plan::{self, PlanAnswer, PlanInput};
use crate::pipeline::{Registered, verify, walk};
use crate::private::Private;
use crate::resource::{
    Applied, CreateRequest, DeleteRequest, Deleted, ReadRequest, Refreshed, Resource, UpdateRequest,
};
use crate::schema::{Attribute, Block, NestedBlock, Nesting, Presence, Schema};
use crate::value::{Path, Value, arbitrary};

/// A resource that leaves every plan as the rules made it.
struct Plain;

#[async_trait]
impl Resource<()> for Plain {
    type Model = Value;

    fn type_name(&self) -> &'static str {
        "test_plain"
    }

    fn schema(&self) -> Schema {
        schema()
    }

    async fn read(
        &self,
        _: &Context<()>,
        request: ReadRequest<Value>,
    ) -> Result<Refreshed<Value>, Diagnostics> {
        Ok(Refreshed::present(request.state))
    }

    async fn create(&self, _: &Context<()>, request: CreateRequest<Value>) -> Applied<Value> {
        Applied::done(request.planned)
    }

    async fn update(&self, _: &Context<()>, request: UpdateRequest<Value>) -> Applied<Value> {
        Applied::done(request.planned)
    }

    async fn delete(&self, _: &Context<()>, _: DeleteRequest<Value>) -> Deleted {
        Deleted::done()
    }
}

fn leaves() -> Vec<Attribute> {
    vec![
        Attribute::string("key").required(),
        Attribute::string("proto").default(Value::from("tcp")),
        Attribute::string("note").optional_computed(),
        Attribute::string("kept").computed().use_state_for_unknown(),
        Attribute::string("made").computed(),
    ]
}

fn members() -> Vec<Attribute> {
    let mut members = leaves();
    members.push(Attribute::nested("deep", Nesting::List, leaves()).optional());
    members.push(Attribute::nested("filled", Nesting::Single, leaves()).optional_computed());
    members
}

fn schema() -> Schema {
    Schema::new(0)
        .attribute(Attribute::string("name").required().requires_replace())
        .attribute(Attribute::nested("one", Nesting::Single, members()).optional())
        .attribute(Attribute::nested("rows", Nesting::List, members()).optional())
        .attribute(Attribute::nested("keyed", Nesting::Map, members()).optional())
        .attribute(Attribute::nested("bag", Nesting::Set, members()).optional())
        .attribute(Attribute::nested("given", Nesting::List, members()).optional_computed())
        .attribute(
            Attribute::nested("stays", Nesting::Single, leaves())
                .optional_computed()
                .use_state_for_unknown(),
        )
        .block(NestedBlock::list("rule", members()))
        .block(NestedBlock::set("grant", leaves()))
        .block(NestedBlock::list(
            "open",
            vec![
                Attribute::dynamic("any").optional(),
                Attribute::string("proto").default(Value::from("tcp")),
                Attribute::string("made").computed(),
            ],
        ))
}

async fn planned(prior: &Value, config: &Value) -> (PlanInput, PlanAnswer) {
    let registered = Registered::new(Box::new(Plain));
    let input = PlanInput {
        prior: prior.clone(),
        proposed: contract::proposed_new(&registered.schema, prior, config),
        config: config.clone(),
        private: Private::new(),
        identity: None,
    };
    let answer = plan::plan(&registered, &Context::with_client(()), input.clone()).await;
    (input, answer)
}

/// The plan of `config` over `prior`, which Terraform accepts.
async fn accepted(prior: &Value, config: &Value) -> Result<Value, Diagnostics> {
    let (input, answer) = planned(prior, config).await;
    if answer.diagnostics.has_errors() {
        return Err(answer.diagnostics);
    }
    verify::plan(&Registered::new(Box::new(Plain)), &input, &answer)?;
    Ok(answer.planned.unwrap_or(Value::Null))
}

fn stub<const N: usize>(members: [(&'static str, Value); N]) -> Value {
    schema().stub(members)
}

fn row<const N: usize>(given: [(&'static str, Value); N]) -> Value {
    object_of(members(), given)
}

fn object_of<const N: usize>(
    attributes: Vec<Attribute>,
    given: [(&'static str, Value); N],
) -> Value {
    let block = Block {
        attributes,
        ..Block::default()
    };
    Schema {
        block,
        ..Schema::new(0)
    }
    .stub(given)
}

#[tokio::test]
async fn an_element_that_is_not_known_yet_gets_no_defaults_and_no_prior_values() {
    let prior_row = || {
        row([
            ("key", "a".into()),
            ("proto", "tcp".into()),
            ("note", "n".into()),
            ("kept", "k".into()),
            ("made", "m".into()),
        ])
    };
    let prior = stub([
        ("name", "x".into()),
        ("rows", Value::list([prior_row()])),
        ("keyed", Value::map([("a", prior_row())])),
        ("bag", Value::set([prior_row()])),
    ]);
    let config = stub([
        ("name", "x".into()),
        ("rows", Value::list([Value::unknown()])),
        ("keyed", Value::map([("a", Value::unknown())])),
        ("bag", Value::set([Value::unknown()])),
    ]);
    let planned = accepted(&prior, &config).await.unwrap();
    for element in [
        planned.at(&Path::from("rows").index(0)),
        planned.at(&Path::from("keyed").key("a")),
        planned
            .attribute("bag")
            .elements()
            .and_then(<[Value]>::first),
    ] {
        let element = element.unwrap();
        for name in ["key", "proto", "note"] {
            let known = element.attribute(name);
            assert!(
                element.is_unknown() || known.is_unknown(),
                "{name}: {known:?}"
            );
        }
    }
}

#[tokio::test]
async fn blocks_with_a_part_of_any_type_follow_the_same_rules() {
    let config = stub([
        ("name", "x".into()),
        (
            "open",
            open(
                Value::dynamic(crate::value::Type::String, "v".into()),
                Value::Null,
                Value::Null,
            ),
        ),
    ]);
    let planned = accepted(&Value::Null, &config).await.unwrap();
    let first = planned
        .attribute("open")
        .elements()
        .and_then(<[Value]>::first)
        .unwrap();
    assert_eq!(first.attribute("proto"), &Value::from("tcp"));
    assert!(first.attribute("made").is_unknown());
}

fn open(any: Value, proto: Value, made: Value) -> Value {
    use crate::value::Type;
    let object = Value::object([
        ("any", any.inner().clone()),
        ("proto", proto),
        ("made", made),
    ]);
    Value::dynamic(
        Type::tuple([Type::object([
            ("any", Type::String),
            ("proto", Type::String),
            ("made", Type::String),
        ])]),
        Value::tuple([object]),
    )
}

#[tokio::test]
async fn prior_values_are_kept_only_where_there_was_a_parent() {
    let prior = stub([("name", "x".into())]);
    let config = stub([("name", "x".into()), ("one", row([("key", "a".into())]))]);
    let appeared = accepted(&prior, &config).await.unwrap();
    assert!(appeared.attribute("one").attribute("kept").is_unknown());
    let full = row([
        ("key", "a".into()),
        ("proto", "tcp".into()),
        ("kept", "k".into()),
        ("made", "m".into()),
    ]);
    let prior = stub([
        ("name", "x".into()),
        ("one", full),
        ("open", Value::list::<Value>([])),
    ]);
    let gone = accepted(&prior, &stub([("name", "x".into())]))
        .await
        .unwrap();
    assert!(gone.attribute("one").is_null());
    let changed = accepted(
        &prior,
        &stub([("name", "x".into()), ("one", row([("key", "b".into())]))]),
    )
    .await
    .unwrap();
    assert_eq!(
        changed.attribute("one").attribute("kept"),
        &Value::from("k")
    );
    assert!(changed.attribute("one").attribute("made").is_unknown());
}

/// A block is there or not; what has any type is tested by hand.
fn with_blocks(value: Value) -> Value {
    let there = |element: &Value| element.entries().is_some();
    schema().block.blocks.iter().fold(value, |value, block| {
        let blocks = match value.attribute(&block.name).clone() {
            _ if block.name == "open" => block.absent_value(),
            Value::Null => block.absent_value(),
            Value::List(items) => Value::List(items.into_iter().filter(there).collect()),
            Value::Set(items) => Value::set(items.into_iter().filter(there)),
            other => other,
        };
        value.with_attribute(block.name.clone(), blocks)
    })
}

#[tokio::test]
async fn what_is_promised_about_a_value_that_may_be_null_does_not_bind_the_provider() {
    use crate::value::Refinements;
    let begins = Refinements::none().prefix("a-");
    let plan = async |promised: Refinements| {
        let note = row([("key", "k".into()), ("note", Value::Unknown(promised))]);
        let config = stub([("name", "x".into()), ("rows", Value::list([note]))]);
        let planned = accepted(&Value::Null, &config).await.unwrap();
        let note = Path::from("rows").index(0).attribute("note");
        planned.at(&note).unwrap().clone()
    };
    assert_eq!(plan(begins.clone()).await, Value::unknown());
    let sure = begins.not_null();
    assert_eq!(plan(sure.clone()).await, Value::Unknown(sure));
}

fn objects(unknowns: bool) -> impl Strategy<Value = Value> {
    arbitrary::value(&schema().value_type(), unknowns)
        .prop_filter("an object", |value| value.entries().is_some())
        .prop_map(with_blocks)
}

/// A configuration: nothing that only the provider sets.
fn configured(value: Value) -> Value {
    walk::rewrite(
        &schema().block,
        &value.clone(),
        None,
        value,
        &|seen, part| {
            if seen.attribute.presence == Presence::Computed {
                Value::Null
            } else {
                part
            }
        },
    )
}

/// The configuration once everything is known: members turned out to be null where they may, elements to be
/// objects.
fn learned(config: Value) -> Value {
    let member = |value: Value| match value {
        Value::Unknown(promised) if !promised.is_not_null() => Value::Null,
        other => other,
    };
    let element = |path: &Path, value: Value| match value {
        Value::Unknown(_) if path.to_string().ends_with("deep") => {
            object_of(leaves(), [("key", "learned".into())])
        }
        Value::Unknown(_) => object_of(members(), [("key", "learned".into())]),
        other => other,
    };
    with_blocks(config.transform(&mut |path, part| {
        match part {
            Value::Object(members) => Value::Object(
                members
                    .into_iter()
                    .map(|(name, value)| (name, member(value)))
                    .collect(),
            ),
            Value::List(items) => {
                Value::List(items.into_iter().map(|item| element(path, item)).collect())
            }
            Value::Set(items) => Value::set(items.into_iter().map(|item| element(path, item))),
            Value::Map(items) => Value::Map(
                items
                    .into_iter()
                    .map(|(key, item)| (key, element(path, item)))
                    .collect(),
            ),
            other => other,
        }
    }))
}

fn run<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap()
        .block_on(work)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_plan_is_one_terraform_accepts(prior in objects(false), config in objects(true), create in any::<bool>()) {
        let prior = if create { Value::Null } else { prior };
        let config = configured(config);
        let plan = run(accepted(&prior, &config));
        prop_assert!(plan.is_ok(), "{}", plan.unwrap_err());
    }

    #[test]
    fn what_is_learned_later_keeps_the_first_plan(prior in objects(false), config in objects(true), create in any::<bool>()) {
        let prior = if create { Value::Null } else { prior };
        let config = configured(config);
        let learned = learned(config.clone());
        let first = run(accepted(&prior, &config)).map_err(|e| TestCaseError::fail(e.to_string()))?;
        let second = run(accepted(&prior, &learned)).map_err(|e| TestCaseError::fail(e.to_string()))?;
        prop_assert_eq!(contract::compatible(&schema(), &first, &second), []);
    }
}

#[tokio::test]
async fn ten_thousand_structures_in_a_set_are_not_compared_each_with_each() {
    let made = |index: i32, note: Value, made: Value| {
        object_of(
            leaves(),
            [
                ("key", index.to_string().into()),
                ("proto", "tcp".into()),
                ("note", note),
                ("kept", made.clone()),
                ("made", made),
            ],
        )
    };
    let grants =
        |from: i32, make: &dyn Fn(i32) -> Value| Value::set((from..from + 10_000).map(make));
    let config = |from| {
        stub([
            ("name", "x".into()),
            (
                "grant",
                grants(from, &|index| made(index, Value::Null, Value::Null)),
            ),
        ])
    };
    let prior = stub([
        ("name", "x".into()),
        (
            "grant",
            grants(0, &|index| made(index, "n".into(), "m".into())),
        ),
    ]);
    let registered = Registered::new(Box::new(Plain));
    let input = |proposed: &Value, from| PlanInput {
        prior: prior.clone(),
        proposed: proposed.clone(),
        config: config(from),
        private: Private::new(),
        identity: None,
    };
    let context = Context::with_client(());
    let moved = config(5_000);
    let changed = plan::plan(&registered, &context, input(&moved, 5_000)).await;
    let grants = changed
        .planned
        .as_ref()
        .map(|p| p.attribute("grant").elements().unwrap_or_default().len());
    assert_eq!(grants, Some(10_000));
}
