//! Data source `switchyard_cost_range`: what a service costs between its bounds, and whether its tasks have the right size.
//!
//! **Refers to** a service, its task definition, its scalable target and its metrics. It changes nothing.

mod model;

use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};
use switchyard_engine::cost::{FargatePrices, Shares, TaskSize, Used, right_size};
use switchyard_engine::ports::{
    Bounds, Error, MetricQuery, MetricSource, Ports, Service, ServiceRef, TaskDefinition,
};
use tfplugin::context::Context;
use tfplugin::data_source::{DataSource, Found};
use tfplugin::diagnostic::{Diagnostic, Diagnostics};
use tfplugin::schema::Schema;
use tfplugin::value::{Attr, Number, Path};

use crate::called;
use crate::client::Client;
use model::{Model, PricesModel};

/// Days that are read when nothing is said.
const DAYS: i64 = 14;
/// Seconds of the hours whose values are compared.
const HOUR: u32 = 3_600;

/// Code of a cost that cannot be computed.
const CODE: &str = "SY0300";

/// The data source.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct CostRange;

#[async_trait]
impl DataSource<Client> for CostRange {
    type Model = Model;

    fn type_name(&self) -> &'static str {
        "switchyard_cost_range"
    }

    fn schema(&self) -> Schema {
        Schema::describing::<Model>(0).code(called::INVALID)
    }

    async fn read(
        &self,
        context: &Context<Client>,
        config: Model,
    ) -> Result<Found<Model>, Diagnostics> {
        let client = context.client()?;
        let service = config.of.service_ref();
        let (Some(service), Some(prices)) = (service, config.prices.known()) else {
            return Err(Diagnostics::bug(
                "reading the cost range",
                "a part of the configuration is unknown",
            ));
        };
        let (on_demand, spot) = prices_of(prices)
            .ok_or_else(|| Diagnostics::bug("reading the cost range", "a price is unknown"))?;
        let ports = client.ports();
        let unreadable =
            |error: Error| called::unreadable(&format!("Service `{}`", service.name), &error);
        let days = config.days.known().copied().unwrap_or(DAYS);
        let facts = facts(ports, &service, days).await.map_err(unreadable)?;
        let Some(facts) = facts else {
            return Err(missing(&service).into());
        };
        let (size, shares) = sized(&facts, &service)?;
        let Some(spot) = spot.or((!shares.has_spot()).then_some(on_demand)) else {
            return Err(no_spot_price().into());
        };
        let month = |tasks: u32, size: TaskSize| shares.month(tasks, size, on_demand, spot);
        let budget = config.monthly_budget.known().and_then(Number::nearest_f64);
        let over = |cost: f64| Attr::from(budget.map(|budget| cost > budget));
        let Bounds { min, max } = facts.bounds;
        let running = facts.service.running;
        let right = facts.used.and_then(|used| right_size(size, used));
        let saved = right.map(|right| month(running, size) - month(running, right));
        Ok(Found::new(Model {
            task_cpu: Attr::Known(size.cpu.into()),
            task_memory: Attr::Known(size.memory.into()),
            min_tasks: Attr::Known(min.into()),
            max_tasks: Attr::Known(max.into()),
            running_tasks: Attr::Known(running.into()),
            spot_percent: amount(shares.spot_percent(max)),
            monthly_min: amount(month(min, size)),
            monthly_max: amount(month(max, size)),
            monthly_now: amount(month(running, size)),
            is_over_budget: over(month(running, size)),
            may_exceed_budget: over(month(max, size)),
            used_cpu_percent: facts.used.map_or(Attr::Null, |used| amount(used.cpu)),
            used_memory_percent: facts.used.map_or(Attr::Null, |used| amount(used.memory)),
            right_cpu: Attr::from(right.map(|right| right.cpu.into())),
            right_memory: Attr::from(right.map(|right| right.memory.into())),
            monthly_saving: saved.map_or(Attr::Null, amount),
            ..config
        }))
    }
}

/// Two digits after the point: more would be a promise.
fn amount(value: f64) -> Attr<Number> {
    Attr::from(format!("{value:.2}").parse().ok())
}

/// Prices on demand and on Spot; the latter only when both are given.
fn prices_of(prices: &PricesModel) -> Option<(FargatePrices, Option<FargatePrices>)> {
    let on_demand = FargatePrices {
        vcpu_hour: prices.vcpu_hour.known()?.nearest_f64()?,
        gb_hour: prices.gb_hour.known()?.nearest_f64()?,
    };
    let spot = prices
        .spot_vcpu_hour
        .known()
        .zip(prices.spot_gb_hour.known())
        .and_then(|(vcpu, gb)| {
            Some(FargatePrices {
                vcpu_hour: vcpu.nearest_f64()?,
                gb_hour: gb.nearest_f64()?,
            })
        });
    Some((on_demand, spot))
}

/// What AWS knows of the service.
struct Facts {
    service: Service,
    definition: Option<TaskDefinition>,
    bounds: Bounds,
    used: Option<Used>,
}

/// `None` when there is no such service.
async fn facts(
    ports: &Ports,
    service: &ServiceRef,
    days: i64,
) -> switchyard_engine::ports::Result<Option<Facts>> {
    let Some(found) = ports.services.find_service(service).await? else {
        return Ok(None);
    };
    let definition = match &found.task_definition {
        Some(arn) => ports.services.find_task_definition(arn).await?,
        None => None,
    };
    let target = ports.scaling.find_scalable_target(service).await?;
    let bounds = target.map_or(
        Bounds {
            min: found.desired,
            max: found.desired,
        },
        |target| target.bounds,
    );
    let used = used(ports, service, days).await?;
    Ok(Some(Facts {
        service: found,
        definition,
        bounds,
        used,
    }))
}

async fn used(
    ports: &Ports,
    service: &ServiceRef,
    days: i64,
) -> switchyard_engine::ports::Result<Option<Used>> {
    let query = |id: &str, name: &str| MetricQuery {
        id: id.to_owned(),
        source: MetricSource::Metric {
            namespace: "AWS/ECS".to_owned(),
            name: name.to_owned(),
            dimensions: [
                ("ClusterName".to_owned(), service.cluster_name().to_owned()),
                ("ServiceName".to_owned(), service.name.clone()),
            ]
            .into(),
            statistic: "Maximum".to_owned(),
            period_seconds: HOUR,
        },
        returned: true,
    };
    let now: Timestamp = ports.clock.now();
    let from = now - SignedDuration::from_hours(24 * days);
    let queries = [
        query("cpu", "CPUUtilization"),
        query("memory", "MemoryUtilization"),
    ];
    let found = ports.metrics.query(&queries, from, now).await?;
    let values = |id: &str| -> Vec<f64> {
        let series = found.get(id).map(|series| series.values.as_slice());
        let series = series.unwrap_or_default().iter();
        series.map(|(_, value)| *value).collect()
    };
    Ok(Used::of(&values("cpu"), &values("memory")))
}

/// The size of a task and where tasks run; both are needed for a cost.
fn sized(facts: &Facts, service: &ServiceRef) -> Result<(TaskSize, Shares), Diagnostics> {
    let number = |text: &Option<String>| text.as_deref()?.parse::<u32>().ok();
    let definition = facts.definition.as_ref();
    let size = definition.and_then(|definition| {
        Some(TaskSize {
            cpu: number(&definition.cpu)?,
            memory: number(&definition.memory)?,
        })
    });
    let shares = Shares::of(facts.service.launch.as_ref());
    size.zip(shares).ok_or_else(|| {
        Diagnostics::error(
            format!("The cost of service `{}` cannot be computed", service.name),
            format!("Tasks have a price of their own on Fargate only: what runs on instances costs what the instances cost. The \
             service does not run its tasks on `FARGATE` and `FARGATE_SPOT` alone, or its task definition names no `cpu` \
             and `memory` for the whole task.\n\nRemove this data source, or move the service to Fargate.\n\nCode {CODE}."),
        )
    })
}

fn missing(service: &ServiceRef) -> Diagnostic {
    Diagnostic::error(
        format!("Service `{}` does not exist", service.name),
        format!(
            "Cluster `{}` has no such service, so that there is nothing to compute.\n\nCorrect `cluster` or `service`, or \
             let the data source depend on the service: `depends_on = [switchyard_blue_green_service.NAME]`.\n\nCode {CODE}.",
            service.cluster_name()
        ),
    )
    .at(Path::root().attribute("service"))
}

fn no_spot_price() -> Diagnostic {
    Diagnostic::error(
        "The prices of Fargate Spot are missing",
        format!("Some tasks of the service run on `FARGATE_SPOT`, which has prices of its own.\n\nSet `spot_vcpu_hour` and \
         `spot_gb_hour`.\n\nCode {CODE}."),
    )
    .at(Path::root().attribute("prices"))
}
