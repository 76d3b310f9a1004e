//! `provider::switchyard::check_task(…)`: container definitions, checked before AWS sees them.

use tfplugin::function::{Function, FunctionError, Parameter, Signature};
use tfplugin::value::{Type, Value};

use super::containers::{self, Traffic};

/// The arguments before the operating system.
const FIXED: usize = 3;

/// More faults than this are counted: the message has to stay readable.
const LISTED: usize = 10;

/// Returns its first argument as it is, or says what is wrong with it.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct CheckTask;

impl Function for CheckTask {
    fn name(&self) -> &'static str {
        "check_task"
    }

    fn signature(&self) -> Signature {
        Signature::new(Type::String)
            .parameter(Parameter::new("container_definitions", Type::String).description(
                "Container definitions as JSON, as in `container_definitions` of `aws_ecs_task_definition`.",
            ))
            .parameter(
                Parameter::new("container_name", Type::String)
                    .nullable()
                    .description(
                        "The container that receives traffic, as in `load_balancer` of the service; null without a \
                         load balancer.",
                    ),
            )
            .parameter(
                Parameter::new("container_port", Type::Number)
                    .nullable()
                    .description("The port of that container; null without a load balancer."),
            )
            .variadic(Parameter::new("operating_system_family", Type::String).description(
                "At most one: `operating_system_family` in `runtime_platform` of the task definition, such as \
                 `WINDOWS_SERVER_2022_CORE`. For Windows, members that Windows containers do not have are mistakes, too.",
            ))
            .summary("Checks container definitions")
            .description(
                "Returns `container_definitions` unchanged if ECS accepts them and the container and port that receive \
                 traffic are in them; otherwise it is an error that names every mistake. Terraform calls it while it \
                 plans, also when the task definition itself is created by the same apply and its ARN is not known yet. \
                 If a part of the definitions is not known yet, they are checked during the apply.\n\nChecked are names, \
                 images, ports, environment variables and secrets, resources, dependencies between containers, health \
                 checks and log drivers, and members that are misspelled only by case or underscores.",
            )
    }

    fn call(&self, arguments: &[Value]) -> Result<Value, FunctionError> {
        let Some(text) = arguments.first().and_then(Value::as_str) else {
            return Err(FunctionError::argument(0, "must be a text with JSON."));
        };
        let definitions = match containers::parsed(text) {
            Ok(definitions) => definitions,
            Err(fault) => return Err(FunctionError::argument(0, fault)),
        };
        let mut faults = containers::faults(&definitions);
        if is_windows(arguments.get(FIXED..).unwrap_or_default())? {
            faults.extend(containers::faults_on_windows(&definitions));
        }
        if !faults.is_empty() {
            return Err(FunctionError::argument(0, listed(&faults)));
        }
        let name = arguments.get(1).and_then(Value::as_str);
        let port = arguments.get(2).and_then(whole);
        let is_given = |position: usize| arguments.get(position).is_some_and(|it| !it.is_null());
        match (name, port) {
            (None, _) if is_given(2) => {
                return Err(FunctionError::argument(
                    1,
                    "must not be null when container_port is set: it names the container of that port.",
                ));
            }
            (Some(_), None) if is_given(2) => {
                return Err(FunctionError::argument(
                    2,
                    "must be a port from 1 to 65535.",
                ));
            }
            (None, _) => {}
            (Some(name), port) => {
                if let Some(missing) = containers::missing(&definitions, Traffic { name, port }) {
                    let (position, fault) = match missing {
                        containers::Missing::Container(fault) => (1, fault),
                        containers::Missing::Port(fault) => (2, fault),
                    };
                    return Err(FunctionError::argument(position, fault));
                }
            }
        }
        Ok(Value::from(text))
    }
}

/// Whether the operating system that is given, if one is, is Windows.
pub(super) fn is_windows(given: &[Value]) -> Result<bool, FunctionError> {
    match given {
        [] => Ok(false),
        [family] => Ok(family
            .as_str()
            .is_some_and(switchyard_engine::is_windows_family)),
        _ => Err(FunctionError::new(
            "takes at most one operating_system_family: a task has one operating system.",
        )),
    }
}

fn whole(value: &Value) -> Option<u64> {
    let Value::Number(number) = value.inner() else {
        return None;
    };
    let port: u64 = number.to_string().parse().ok()?;
    (1..=65_535).contains(&port).then_some(port)
}

/// One sentence, or a list.
fn listed(faults: &[String]) -> String {
    if let [one] = faults {
        return one.clone();
    }
    let mut text = format!("has {} mistakes:", faults.len());
    for fault in faults.iter().take(LISTED) {
        text.push_str("\n  - ");
        text.push_str(fault);
    }
    let more = faults.len().saturating_sub(LISTED);
    if more > 0 {
        text.push_str(&format!("\n  - and {more} more."));
    }
    text
}

#[cfg(test)]
mod tests {
    use serde_json::{Value as Json, json};

    use super::*;

    fn checked(definitions: &Json, name: Value, port: Value) -> Result<Value, FunctionError> {
        CheckTask.call(&[Value::from(definitions.to_string()), name, port])
    }

    fn refusal(definitions: &Json) -> FunctionError {
        checked(definitions, Value::Null, Value::Null).unwrap_err()
    }

    fn app() -> Json {
        json!({
            "name": "app", "image": "shop:1", "essential": true, "cpu": 256, "memory": 512,
            "portMappings": [{ "containerPort": 8080, "protocol": "tcp" }],
            "environment": [{ "name": "MODE", "value": "live" }],
            "secrets": [{ "name": "TOKEN", "valueFrom": "arn:aws:ssm:eu-west-1:1:parameter/token" }],
        })
    }

    fn with(member: &str, value: Json) -> Json {
        let mut app = app();
        app[member] = value;
        json!([app])
    }

    #[test]
    fn sound_definitions_come_back_as_they_are() {
        let definitions = json!([
            app(),
            {
                "name": "proxy", "image": "envoy:1", "essential": false,
                "portMappings": [{ "containerPortRange": "9000-9010" }],
                "dependsOn": [{ "containerName": "app", "condition": "START" }],
                "healthCheck": { "command": ["CMD-SHELL", "true"], "interval": 10 },
                "logConfiguration": { "logDriver": "awslogs", "options": { "awslogs-group": "/shop" } },
                "aMemberOfTomorrow": { "is": "left to AWS" },
            },
        ]);
        let same = Value::from(definitions.to_string());
        for (name, port) in [
            (Value::Null, Value::Null),
            (Value::from("app"), Value::Null),
            (Value::from("app"), Value::from(8080)),
            (Value::from("proxy"), Value::from(9005)),
        ] {
            assert_eq!(checked(&definitions, name, port), Ok(same.clone()));
        }
    }

    #[test]
    fn the_container_and_the_port_of_traffic_are_there() {
        let definitions = json!([app()]);
        let table = [
            (
                Value::from("web"),
                Value::from(8080),
                1,
                "no container `web`; they have `app`",
            ),
            (
                Value::from("app"),
                Value::from(80),
                2,
                "does not expose port 80; it exposes 8080",
            ),
            (
                Value::from("app"),
                Value::from(70_000),
                2,
                "from 1 to 65535",
            ),
            (Value::Null, Value::from(80), 1, "must not be null"),
        ];
        for (name, port, argument, part) in table {
            let error = checked(&definitions, name, port).unwrap_err();
            assert_eq!(error.argument, Some(argument), "{error}");
            assert!(error.text.contains(part), "`{part}` is not in: {error}");
        }
    }

    #[test]
    fn windows_containers_have_no_users() {
        let mut app = app();
        app["user"] = json!("1000");
        app["readonlyRootFilesystem"] = json!(false);
        app["ulimits"] = json!([]);
        let on = |families: &[&str]| {
            let mut arguments = vec![
                Value::from(json!([app]).to_string()),
                Value::Null,
                Value::Null,
            ];
            arguments.extend(families.iter().map(|family| Value::from(*family)));
            CheckTask.call(&arguments)
        };
        assert!(on(&[]).is_ok());
        assert!(on(&["LINUX"]).is_ok());
        let error = on(&["WINDOWS_SERVER_2022_CORE"]).unwrap_err();
        let says = "container `app`: Windows containers do not have `user`. Remove it.";
        assert_eq!((error.argument, error.text.as_str()), (Some(0), says));
        let error = on(&["LINUX", "LINUX"]).unwrap_err();
        assert!(error.text.contains("at most one"), "{error}");
    }

    #[test]
    fn every_mistake_is_named_where_it_is() {
        let table: [(Json, &str); 24] = [
            (
                json!({ "name": "app" }),
                "must be a list of containers: [{ name = … }]",
            ),
            (json!([]), "must have at least one container"),
            (json!(["app"]), "container 1 must be an object"),
            (with("name", Json::Null), "container 1 has no `name`"),
            (
                with("name", json!("my app")),
                "letters, digits, hyphens and underscores",
            ),
            (json!([app(), app()]), "two containers have the name `app`"),
            (with("image", json!("")), "container `app` has no `image`"),
            (with("image", json!(" shop:1")), "must not contain spaces"),
            (
                with("port_mappings", json!([])),
                "`port_mappings` is spelled `portMappings`",
            ),
            (with("Memory", json!(1)), "`Memory` is spelled `memory`"),
            (
                with("cpu", json!("256")),
                "`cpu` must be a whole number, not a text",
            ),
            (
                with("essential", json!("true")),
                "`essential` must be true or false, not a text",
            ),
            (
                with("essential", json!(false)),
                "at least one container must be essential",
            ),
            (
                with("memoryReservation", json!(1024)),
                "`memoryReservation` (1024) must not exceed `memory` (512)",
            ),
            (
                with("portMappings", json!([{ "containerPort": 0 }])),
                "from 1 to 65535",
            ),
            (
                with(
                    "portMappings",
                    json!([{ "containerPort": 1, "protocol": "http" }]),
                ),
                "`tcp` or `udp`",
            ),
            (with("portMappings", json!([{}])), "has no `containerPort`"),
            (
                with("environment", json!({ "MODE": "live" })),
                "`environment` must be a list",
            ),
            (
                with("environment", json!([{ "name": "PORT", "value": 8080 }])),
                "the value of `PORT` must be a text",
            ),
            (
                with("environment", json!([{ "name": "TOKEN", "value": "x" }])),
                "`TOKEN` is both",
            ),
            (
                with("secrets", json!([{ "name": "TOKEN" }])),
                "secret `TOKEN` has no `valueFrom`",
            ),
            (
                with(
                    "dependsOn",
                    json!([{ "containerName": "db", "condition": "START" }]),
                ),
                "no container `db`",
            ),
            (
                with("healthCheck", json!({ "command": ["curl", "localhost"] })),
                "`CMD`, `CMD-SHELL`",
            ),
            (
                with(
                    "logConfiguration",
                    json!({ "logDriver": "awslogs", "options": {} }),
                ),
                "`awslogs-group`",
            ),
        ];
        for (definitions, part) in table {
            let error = refusal(&definitions);
            assert_eq!(error.argument, Some(0), "{error}");
            assert!(error.text.contains(part), "`{part}` is not in: {error}");
        }
    }

    #[test]
    fn mistakes_are_listed_together_and_no_value_is_shown() {
        let mut definition = app();
        definition["environment"] = json!([{ "name": "PASSWORD", "value": 4711 }]);
        definition["cpu"] = json!("4711");
        let error = refusal(&json!([definition]));
        assert!(error.text.starts_with("has 2 mistakes:"), "{error}");
        assert!(!error.text.contains("4711"), "{error}");
    }

    #[test]
    fn what_is_no_json_is_said_with_its_place() {
        let error = CheckTask
            .call(&[Value::from("[{\"name\": }]"), Value::Null, Value::Null])
            .unwrap_err();
        assert!(error.text.contains("is not JSON"), "{error}");
        assert!(error.text.contains("line 1"), "{error}");
        let twice = Value::from(json!(json!([app()]).to_string()).to_string());
        let error = CheckTask
            .call(&[twice, Value::Null, Value::Null])
            .unwrap_err();
        assert!(error.text.contains("encoded twice"), "{error}");
    }

    #[test]
    fn containers_that_wait_for_each_other_never_start() {
        let after = |name: &str, other: &str| {
            let mut app = app();
            app["name"] = json!(name);
            app["dependsOn"] = json!([{ "containerName": other, "condition": "START" }]);
            app
        };
        let error = refusal(&json!([after("a", "b"), after("b", "c"), after("c", "a")]));
        assert!(error.text.contains("wait for each other"), "{error}");
        let mut waits = after("a", "b");
        waits["dependsOn"][0]["condition"] = json!("HEALTHY");
        let mut other = app();
        other["name"] = json!("b");
        let error = refusal(&json!([waits, other]));
        assert!(error.text.contains("has no `healthCheck`"), "{error}");
    }
}
