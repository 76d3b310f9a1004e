//! Takes away what carries a prefix, however long ago and by whom it was made.

use serde_json::{Value, json};

use super::caller::{Caller, Refusal};
use super::undo::{Made, all as undo};

/// Fewest letters of a prefix that cannot be the beginning of somebody else's names.
const LETTERS: usize = 12;

/// What was found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Swept {
    /// Names of what was taken away, or could not be: that is named on standard error.
    pub found: Vec<String>,
    /// Lists that could not be read, with the reason.
    pub unread: Vec<String>,
}

/// A list of things that have names.
struct Listed {
    service: &'static str,
    operation: &'static str,
    input: Value,
    /// Member with the list.
    list: &'static str,
    /// Member of an item with its name, and with what deletes it; the item itself when empty.
    name: &'static str,
    id: &'static str,
    deletion: &'static str,
    /// Member of the deletion's input.
    member: &'static str,
}

fn lists(prefix: &str) -> Vec<Listed> {
    let listed = |service, operation, input, list, name, id, deletion, member| Listed {
        service,
        operation,
        input,
        list,
        name,
        id,
        deletion,
        member,
    };
    vec![
        listed(
            "ecs",
            "ListClusters",
            json!({}),
            "clusterArns",
            "",
            "",
            "DeleteCluster",
            "cluster",
        ),
        listed(
            "ecs",
            // Its `familyPrefix` is a whole family.
            "ListTaskDefinitions",
            json!({}),
            "taskDefinitionArns",
            "",
            "",
            "DeregisterTaskDefinition",
            "taskDefinition",
        ),
        listed(
            "elbv2",
            "DescribeLoadBalancers",
            json!({}),
            "LoadBalancers",
            "LoadBalancerName",
            "LoadBalancerArn",
            "DeleteLoadBalancer",
            "LoadBalancerArn",
        ),
        listed(
            "elbv2",
            "DescribeTargetGroups",
            json!({}),
            "TargetGroups",
            "TargetGroupName",
            "TargetGroupArn",
            "DeleteTargetGroup",
            "TargetGroupArn",
        ),
        listed(
            "codedeploy",
            "ListApplications",
            json!({}),
            "applications",
            "",
            "",
            "DeleteApplication",
            "applicationName",
        ),
        listed(
            "cloudwatch",
            "DescribeAlarms",
            json!({ "AlarmNamePrefix": prefix }),
            "MetricAlarms",
            "AlarmName",
            "AlarmName",
            "DeleteAlarms",
            "AlarmNames",
        ),
    ]
}

pub(super) fn all(caller: &mut Caller, prefix: &str) -> Swept {
    assert!(
        prefix.len() >= LETTERS,
        "the prefix `{prefix}` may begin names of others: at least {LETTERS} letters are asked for"
    );
    let mut swept = Swept::default();
    let mut made = Vec::new();
    for listed in lists(prefix) {
        let items = match pages(caller, &listed) {
            Ok(items) => items,
            Err(refusal) => {
                let call = format!("{}:{}", listed.service, listed.operation);
                swept.unread.push(format!("{call}: {refusal}"));
                continue;
            }
        };
        for item in items {
            let member = |name: &str| match name {
                "" => item.as_str(),
                name => item[name].as_str(),
            };
            let (Some(name), Some(id)) = (member(listed.name), member(listed.id)) else {
                continue;
            };
            // Of an ARN, the name is its last part, without a revision.
            let name = name.rsplit('/').next().unwrap_or(name);
            if !name.starts_with(prefix) {
                continue;
            }
            swept.found.push(name.to_owned());
            let input = match listed.member {
                "AlarmNames" => json!({ "AlarmNames": [id] }),
                member => json!({ member: id }),
            };
            made.push(Made::of(listed.service, listed.deletion, input));
        }
    }
    undo(caller, made);
    swept
}

/// All items of a list, page by page.
fn pages(caller: &mut Caller, listed: &Listed) -> Result<Vec<Value>, Refusal> {
    let mut input = listed.input.clone();
    let mut items = Vec::new();
    loop {
        let answer = caller.call(listed.service, listed.operation, input.clone())?;
        items.extend(answer[listed.list].as_array().cloned().unwrap_or_default());
        let next = [
            ("nextToken", "nextToken"),
            ("NextToken", "NextToken"),
            ("NextMarker", "Marker"),
        ]
        .into_iter()
        .find_map(|(given, asked)| Some((asked, answer[given].as_str()?.to_owned())));
        match next {
            Some((asked, token)) if !token.is_empty() => input[asked] = token.into(),
            Some(_) | None => return Ok(items),
        }
    }
}
