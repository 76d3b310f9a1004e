//! Dashboards: stored bodies.

use serde_json::{Value, json};

use super::alarm::seconds;
use super::fields::Fields;
use super::{errors, paging};
use crate::ApiError;
use crate::state::State as World;

/// A dashboard's body and when it was last put.
#[derive(Clone, Debug)]
pub(crate) struct Dashboard {
    body: String,
    modified: i64,
}

fn arn(world: &World, name: &str) -> String {
    format!("arn:aws:cloudwatch::{}:dashboard/{name}", world.account)
}

fn missing(name: &str) -> ApiError {
    errors::not_found(format!("Dashboard {name} does not exist"))
}

/// `PutDashboard`: the body must be a JSON object with `widgets`.
pub(super) fn put(world: &mut World, input: Fields<'_>) -> Result<Value, ApiError> {
    let name = input
        .filled("DashboardName")
        .ok_or_else(|| errors::missing("DashboardName"))?;
    let body = input
        .filled("DashboardBody")
        .ok_or_else(|| errors::missing("DashboardBody"))?;
    let valid_name = name.len() <= 255
        && name
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_');
    if !valid_name {
        return Err(errors::invalid(format!(
            "The value {name} for field DashboardName contains invalid characters. It can only contain alphanumerics, dash (-) and underscore (_)."
        )));
    }
    let parsed: Option<Value> = serde_json::from_str(body).ok();
    if !parsed
        .as_ref()
        .is_some_and(|body| body.get("widgets").is_some_and(Value::is_array))
    {
        return Err(ApiError::new(
            "InvalidParameterInput",
            "The dashboard body is invalid, there are 1 validation errors: the body must be a JSON object with a list of widgets.",
        ));
    }
    let dashboard = Dashboard {
        body: body.to_owned(),
        modified: world.now.millis(),
    };
    world
        .cloudwatch
        .dashboards
        .insert(name.to_owned(), dashboard);
    Ok(json!({"DashboardValidationMessages": []}))
}

/// `GetDashboard`.
pub(super) fn read(world: &World, input: Fields<'_>) -> Result<Value, ApiError> {
    let name = input
        .filled("DashboardName")
        .ok_or_else(|| errors::missing("DashboardName"))?;
    let dashboard = world
        .cloudwatch
        .dashboards
        .get(name)
        .ok_or_else(|| missing(name))?;
    Ok(
        json!({"DashboardArn": arn(world, name), "DashboardBody": dashboard.body, "DashboardName": name}),
    )
}

/// `ListDashboards`, 1000 a page.
pub(super) fn list(world: &World, input: Fields<'_>) -> Result<Value, ApiError> {
    let prefix = input.filled("DashboardNamePrefix").unwrap_or_default();
    let matching = world
        .cloudwatch
        .dashboards
        .iter()
        .filter(|(name, _)| name.starts_with(prefix));
    let entries: Vec<Value> = matching
        .map(|(name, dashboard)| {
            json!({
                "DashboardName": name,
                "DashboardArn": arn(world, name),
                "LastModified": seconds(dashboard.modified),
                "Size": dashboard.body.len(),
            })
        })
        .collect();
    let (page, next) = paging::page(entries, input.filled("NextToken"), 1000)
        .map_err(|_| errors::undeclared_token())?;
    let mut answer = json!({"DashboardEntries": page});
    paging::set_next(&mut answer, "NextToken", next);
    Ok(answer)
}

/// `DeleteDashboards`: all or nothing.
pub(super) fn delete(world: &mut World, input: Fields<'_>) -> Result<Value, ApiError> {
    let names = input.texts("DashboardNames");
    if let Some(unknown) = names
        .iter()
        .find(|name| !world.cloudwatch.dashboards.contains_key(*name))
    {
        return Err(missing(unknown));
    }
    for name in names {
        world.cloudwatch.dashboards.remove(&name);
    }
    Ok(json!({}))
}
