//! Read-only calls of services the lab does not own, as far as our provider looks there before and after a rollout: they
//! need no moto, and images and logs are known here better.

use bytes::Bytes;
use serde_json::{Value, json};
use switchyard_world::outside;

use crate::front::Front;
use crate::protocol::Refusal;
use crate::route::Route;

/// The lab's own answer, if it has one. Secrets, parameters and log groups are moto's as soon as moto runs: somebody
/// may have made some there.
pub(crate) fn answer(front: &Front, route: &Route, body: &Bytes) -> Option<Result<Value, Refusal>> {
    if (route.service.as_str(), route.operation.as_str()) == ("ec2", "DescribeSubnets") {
        let input = route.protocol.input(body).ok()?;
        let ids = subnets_asked_for(&input)?;
        return (!front.moto.is_running()).then(|| Ok(subnets(&ids)));
    }
    let input: Value = serde_json::from_slice(body).ok()?;
    match (route.service.as_str(), route.operation.as_str()) {
        ("ecr", "BatchGetImage") => Some(Ok(images(&input, route, &front.account))),
        ("servicequotas", "GetServiceQuota" | "GetAWSDefaultServiceQuota")
            if text(&input, "ServiceCode") == Some("fargate") =>
        {
            let message = "The lab does not model quotas.";
            Some(Err(Refusal::new(400, "NoSuchResourceException", message)))
        }
        ("logs", "GetLogEvents") => events(front, route, &input),
        ("logs", "FilterLogEvents") => filtered(front, route, &input),
        ("lambda", operation) => invoked_function(operation).map(invocation),
        _ if front.moto.is_running() => None,
        ("logs", "DescribeLogGroups") => {
            let name = text(&input, "logGroupNamePrefix")?;
            Some(Ok(log_groups(name, route, &front.account)))
        }
        ("secretsmanager", "DescribeSecret") => {
            Some(secret(text(&input, "SecretId")?, route, &front.account))
        }
        ("ssm", "DescribeParameters") => parameters(&input),
        _ => None,
    }
}

/// The subnets that a call names in a filter, when it has no other one.
fn subnets_asked_for(input: &Value) -> Option<Vec<&str>> {
    let filters = input.get("Filter")?.as_object()?;
    let (filter, none) = (filters.get("1")?, filters.get("2"));
    if none.is_some() || text(filter, "Name") != Some("subnet-id") {
        return None;
    }
    let values = filter.get("Value")?.as_object()?.values();
    Some(values.filter_map(Value::as_str).collect())
}

fn subnets(ids: &[&str]) -> Value {
    let known = ids.iter().filter_map(|id| {
        let free = outside::free_addresses(id)?;
        Some(json!({ "subnetId": id, "availableIpAddressCount": free, "ipv6Native": false }))
    });
    json!({ "subnetSet": known.collect::<Vec<Value>>() })
}

/// The function that is invoked, as it is named in the path: a name or an ARN.
pub(crate) fn invoked_function(operation: &str) -> Option<String> {
    let path = operation.strip_prefix("POST /2015-03-31/functions/")?;
    let name = path.strip_suffix("/invocations")?;
    Some(name.replace("%3A", ":"))
}

/// What a function answers; its code is nothing that runs here. A failure of the function itself needs a header that the
/// lab's answers do not have, so that such functions are refused.
fn invocation(function: String) -> Result<Value, Refusal> {
    match outside::function_answer(&function) {
        Some((None, answer)) => Ok(answer),
        Some((Some(_), _)) => {
            let message = format!("The lab does not model functions that fail: {function}");
            Err(Refusal::new(502, "ServiceException", message))
        }
        None => {
            let message = format!("Function not found: {function}");
            Err(Refusal::new(404, "ResourceNotFoundException", message))
        }
    }
}

fn text<'a>(value: &'a Value, member: &str) -> Option<&'a str> {
    value.get(member).and_then(Value::as_str)
}

fn list<'a>(value: &'a Value, member: &str) -> impl Iterator<Item = &'a Value> {
    value
        .get(member)
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
}

/// Each image as a list of manifests, one for each architecture.
fn images(input: &Value, route: &Route, account: &str) -> Value {
    const INDEX: &str = "application/vnd.oci.image.index.v1+json";
    let registry = text(input, "registryId").unwrap_or(account);
    let repository = text(input, "repositoryName").unwrap_or_default();
    let host = format!("{registry}.dkr.ecr.{}.amazonaws.com", route.region);
    let (mut found, mut failures) = (Vec::new(), Vec::new());
    for id in list(input, "imageIds") {
        let reference = match (text(id, "imageDigest"), text(id, "imageTag")) {
            (Some(digest), _) => format!("{host}/{repository}@{digest}"),
            (None, tag) => format!("{host}/{repository}:{}", tag.unwrap_or("latest")),
        };
        let Some(image) = outside::image(&reference) else {
            failures.push(json!({
                "imageId": id,
                "failureCode": "ImageNotFound",
                "failureReason": "Requested image not found",
            }));
            continue;
        };
        let manifest = |platform: &&str| {
            let (os, architecture) = platform.split_once('/').unwrap_or(("linux", platform));
            json!({ "platform": { "os": os, "architecture": architecture } })
        };
        let manifests: Vec<Value> = image.platforms.iter().map(manifest).collect();
        let index = json!({ "schemaVersion": 2, "mediaType": INDEX, "manifests": manifests });
        let mut known = json!({ "imageDigest": image.digest });
        if let (Some(tag), Some(known)) = (text(id, "imageTag"), known.as_object_mut()) {
            known.insert("imageTag".to_owned(), json!(tag));
        }
        found.push(json!({
            "registryId": registry,
            "repositoryName": repository,
            "imageId": known,
            "imageManifest": index.to_string(),
            "imageManifestMediaType": INDEX,
        }));
    }
    json!({ "images": found, "failures": failures })
}

/// What the containers of the lab wrote; other streams are moto's, if it runs.
fn events(front: &Front, route: &Route, input: &Value) -> Option<Result<Value, Refusal>> {
    let group = text(input, "logGroupName").unwrap_or_default();
    let stream = text(input, "logStreamName").unwrap_or_default();
    let lines = if outside::log_group_exists(group) {
        front.world.log_lines(&route.region, stream)
    } else {
        Vec::new()
    };
    if lines.is_empty() {
        let message = "The specified log stream does not exist.";
        let refusal = Refusal::new(400, "ResourceNotFoundException", message);
        return (!front.moto.is_running()).then_some(Err(refusal));
    }
    let limit = input.get("limit").and_then(Value::as_u64);
    let limit = limit
        .and_then(|limit| usize::try_from(limit).ok())
        .unwrap_or(usize::MAX);
    let from_head = input.get("startFromHead") == Some(&json!(true));
    let skipped = if from_head {
        0
    } else {
        lines.len().saturating_sub(limit)
    };
    let now = front.world.now().millis();
    // One page holds them all: a token leads to nothing more.
    let is_first = text(input, "nextToken").is_none();
    let events: Vec<Value> = lines
        .iter()
        .skip(skipped)
        .take(limit)
        .filter(|_| is_first)
        .map(|line| json!({ "timestamp": now, "ingestionTime": now, "message": line }))
        .collect();
    let tokens = json!({ "events": events, "nextForwardToken": "f/0", "nextBackwardToken": "b/0" });
    Some(Ok(tokens))
}

/// What the containers of the lab wrote to a group; groups in which none wrote are moto's, if it runs.
fn filtered(front: &Front, route: &Route, input: &Value) -> Option<Result<Value, Refusal>> {
    let group = text(input, "logGroupName").unwrap_or_default();
    let written = front.world.log_events(&route.region, group);
    if written.is_empty() && front.moto.is_running() {
        return None;
    }
    if !outside::log_group_exists(group) {
        let message = "The specified log group does not exist.";
        return Some(Err(Refusal::new(400, "ResourceNotFoundException", message)));
    }
    let streams: Vec<&str> = list(input, "logStreamNames")
        .filter_map(Value::as_str)
        .collect();
    let prefix = text(input, "logStreamNamePrefix").unwrap_or_default();
    let number = |member: &str| input.get(member).and_then(Value::as_i64);
    let (since, until) = (number("startTime"), number("endTime"));
    let pattern = text(input, "filterPattern").unwrap_or_default();
    let events = written.into_iter().enumerate().filter(|(_, event)| {
        (streams.is_empty() || streams.contains(&event.stream.as_str()))
            && event.stream.starts_with(prefix)
            && since.is_none_or(|since| event.at.millis() >= since)
            && until.is_none_or(|until| event.at.millis() <= until)
            && outside::log_pattern_matches(pattern, &event.line)
    });
    let events: Vec<Value> = events
        .map(|(index, event)| {
            json!({
                "eventId": format!("{index:056}"),
                "logStreamName": event.stream,
                "timestamp": event.at.millis(),
                "ingestionTime": event.at.millis(),
                "message": event.line,
            })
        })
        .collect();
    let begin = text(input, "nextToken").and_then(|token| token.parse::<usize>().ok());
    let begin = begin.unwrap_or_default();
    let limit = number("limit").and_then(|limit| usize::try_from(limit).ok());
    let limit = limit.unwrap_or(10_000);
    let page: Vec<Value> = events.iter().skip(begin).take(limit).cloned().collect();
    let end = begin.saturating_add(page.len());
    let mut answer = json!({ "events": page, "searchedLogStreams": [] });
    if let (true, Some(members)) = (end < events.len(), answer.as_object_mut()) {
        members.insert("nextToken".to_owned(), json!(end.to_string()));
    }
    Some(Ok(answer))
}

fn log_groups(name: &str, route: &Route, account: &str) -> Value {
    let region = &route.region;
    let group = json!({
        "logGroupName": name,
        "arn": format!("arn:aws:logs:{region}:{account}:log-group:{name}:*"),
        "logGroupArn": format!("arn:aws:logs:{region}:{account}:log-group:{name}"),
        "storedBytes": 0,
        "metricFilterCount": 0,
    });
    let groups: Vec<Value> = outside::log_group_exists(name)
        .then_some(group)
        .into_iter()
        .collect();
    json!({ "logGroups": groups })
}

fn secret(id: &str, route: &Route, account: &str) -> Result<Value, Refusal> {
    if !outside::secret_exists(id) {
        let message = "Secrets Manager can't find the specified secret.";
        return Err(Refusal::new(400, "ResourceNotFoundException", message));
    }
    let name = id.rsplit(':').next().unwrap_or(id);
    let arn = if id.starts_with("arn:") {
        id.to_owned()
    } else {
        format!(
            "arn:aws:secretsmanager:{}:{account}:secret:{id}",
            route.region
        )
    };
    Ok(json!({ "ARN": arn, "Name": name }))
}

/// Parameters asked for by name, or those that others share: none.
fn parameters(input: &Value) -> Option<Result<Value, Refusal>> {
    let filters: Vec<&Value> = list(input, "ParameterFilters").collect();
    let by_name = filters
        .iter()
        .all(|filter| text(filter, "Key") == Some("Name"));
    let shared = input.get("Shared") == Some(&json!(true));
    if !by_name || (filters.is_empty() && !shared) {
        return None;
    }
    let known: Vec<Value> = filters
        .iter()
        .flat_map(|filter| list(filter, "Values"))
        .filter_map(Value::as_str)
        .filter(|name| outside::secret_exists(name))
        .map(|name| json!({ "Name": name, "Type": "SecureString", "Version": 1 }))
        .collect();
    Some(Ok(json!({ "Parameters": known })))
}
