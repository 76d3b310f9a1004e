//! What can be written, and what is computed.

use tfplugin::schema::validators::{between, float, number};
use tfplugin::schema::{Attributes, NestedBlock, Validator};
use tfplugin::value::{Attr, Number};

use crate::region::{self, RegionModel};
use crate::snapshots::service::ServiceModel;

fn not_negative() -> impl Validator + Clone {
    number("must not be negative", |value| *value >= Number::from(0))
}

/// What one Amazon ECS service on Fargate costs in a month of 730 hours, with its minimum, maximum and current number of
/// tasks, and whether its tasks have the right size. Load balancer, logs and traffic are not part of it.
///
/// Prices are arguments: take those of your region and architecture from the price list of AWS Fargate.
#[derive(Attributes, Clone, Debug, Default, PartialEq)]
pub(crate) struct Model {
    #[attr(flatten)]
    pub of: ServiceModel,
    #[attr(flatten)]
    pub placed: RegionModel,
    /// What the service may cost in a month, in the currency of `prices`.
    #[attr(optional, validate(float(), not_negative()))]
    pub monthly_budget: Attr<Number>,
    /// Days whose CPU and memory decide about the right size. Defaults to 14.
    #[attr(optional, validate(between(1, 60)))]
    pub days: Attr<i64>,
    /// CPU units of a task, 1024 a vCPU.
    #[attr(computed)]
    pub task_cpu: Attr<i64>,
    /// Memory of a task in MiB.
    #[attr(computed)]
    pub task_memory: Attr<i64>,
    /// Minimum number of tasks: of the scaling, or `desired_count` without it.
    #[attr(computed)]
    pub min_tasks: Attr<i64>,
    /// Maximum number of tasks.
    #[attr(computed)]
    pub max_tasks: Attr<i64>,
    /// Number of tasks that run now.
    #[attr(computed)]
    pub running_tasks: Attr<i64>,
    /// Percent of the maximum number of tasks that run on Fargate Spot.
    #[attr(computed)]
    pub spot_percent: Attr<Number>,
    /// Cost of a month with the minimum number of tasks.
    #[attr(computed)]
    pub monthly_min: Attr<Number>,
    /// Cost of a month with the maximum number of tasks.
    #[attr(computed)]
    pub monthly_max: Attr<Number>,
    /// Cost of a month with the tasks that run now.
    #[attr(computed)]
    pub monthly_now: Attr<Number>,
    /// Whether `monthly_now` is above the budget. Null without a budget.
    #[attr(computed)]
    pub is_over_budget: Attr<bool>,
    /// Whether `monthly_max` is above the budget. Null without a budget.
    #[attr(computed)]
    pub may_exceed_budget: Attr<bool>,
    /// CPU in a busy hour, in percent of a task: the 95th percentile of the maxima of the hours. Null without metrics.
    #[attr(computed)]
    pub used_cpu_percent: Attr<Number>,
    /// Most memory that a task used, in percent. Null without metrics.
    #[attr(computed)]
    pub used_memory_percent: Attr<Number>,
    /// CPU units of the smallest size of Fargate in which a fifth of CPU and memory stays free. Null without metrics, and
    /// when no size is large enough.
    #[attr(computed)]
    pub right_cpu: Attr<i64>,
    /// Memory of that size in MiB.
    #[attr(computed)]
    pub right_memory: Attr<i64>,
    /// What that size saves in a month with the tasks that run now. Negative when tasks are too small.
    #[attr(computed)]
    pub monthly_saving: Attr<Number>,
    /// Prices of Fargate for an hour, in any currency.
    #[attr(block, with = NestedBlock::required)]
    pub prices: Attr<PricesModel>,
}

region::regional!(Model, "cluster" = of.cluster);

/// `prices`.
#[derive(Attributes, Clone, Debug, Default, PartialEq)]
pub(crate) struct PricesModel {
    /// A vCPU for an hour.
    #[attr(required, validate(float(), not_negative()))]
    pub vcpu_hour: Attr<Number>,
    /// A GB of memory for an hour.
    #[attr(required, validate(float(), not_negative()))]
    pub gb_hour: Attr<Number>,
    /// A vCPU for an hour on Fargate Spot. Required when the service has tasks there.
    #[attr(optional, validate(float(), not_negative()))]
    pub spot_vcpu_hour: Attr<Number>,
    /// A GB of memory for an hour on Fargate Spot.
    #[attr(optional, validate(float(), not_negative()))]
    pub spot_gb_hour: Attr<Number>,
}
