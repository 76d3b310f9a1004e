//! Policies, scheduled actions and activities. These calls take one service or none: a few services are asked for one
//! by one, many are found in one scan of all, which is given up when it costs more than it saves.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicBool, Ordering};

use aws_sdk_applicationautoscaling::types::{ScalableDimension, ServiceNamespace};
use futures::future::try_join_all;
use switchyard_engine::ports::{
    ActivityStatus, Policy, Result, ScalingActivity, ScalingPolicy, ScheduledAction,
};

use crate::batch::Fetch;
use crate::call::{Call, Caller};
use crate::convert::scaling as convert;
use crate::known::Kind;

const ACTIVITIES: &str = "application-autoscaling:DescribeScalingActivities";
const DESCRIBE_ACTIONS: &str = "application-autoscaling:DescribeScheduledActions";
const DESCRIBE_POLICIES: &str = "application-autoscaling:DescribeScalingPolicies";

/// Services gathered into one read.
const GATHERED: usize = 10_000;
/// Up to so many services are asked for one by one.
const ONE_BY_ONE: usize = 10;
/// What a scan of all is called in logs and errors.
const ALL: &str = "all ECS services";

/// One page: a service's resource id and what belongs to it, and where the list goes on.
type Page<T> = (Vec<(String, T)>, Option<String>);

/// A list that Application Auto Scaling gives for one service, or for all.
#[async_trait::async_trait]
trait Listed: Send + Sync {
    type Item: Send;
    /// What AWS puts on a page at most.
    const PAGE: usize;
    /// Only the first page of a service is read.
    const FIRST_PAGE_ONLY: bool;

    async fn page(&self, id: Option<&str>, next: Option<String>) -> Result<Page<Self::Item>>;
    /// Whether nothing later in the list matters to a service that has this.
    fn is_last_word(item: &Self::Item) -> bool;
    fn sort(items: &mut [Self::Item]);
}

/// Reads the list of one service.
async fn one<L: Listed>(list: &L, id: &str) -> Result<(String, Vec<L::Item>)> {
    let (mut found, mut next) = (Vec::new(), None);
    loop {
        let (page, token) = list.page(Some(id), next).await?;
        found.extend(page.into_iter().map(|(_, item)| item));
        next = token;
        if next.is_none() || L::FIRST_PAGE_ONLY {
            return Ok((id.to_owned(), found));
        }
    }
}

/// Reads the list of all until everything about `ids` is known; nothing when that takes more pages.
async fn all<L: Listed>(
    list: &L,
    ids: &[String],
    pages: usize,
) -> Result<Option<HashMap<String, Vec<L::Item>>>> {
    let mut open: HashSet<&String> = ids.iter().collect();
    let (mut found, mut next) = (HashMap::<String, Vec<L::Item>>::new(), None);
    for _ in 0..pages {
        let (page, token) = list.page(None, next).await?;
        for (id, item) in page {
            if L::is_last_word(&item) {
                open.remove(&id);
            }
            found.entry(id).or_default().push(item);
        }
        next = token;
        if next.is_none() {
            return Ok(Some(found));
        }
        if open.is_empty() {
            // Of others there may be more.
            found.retain(|id, _| ids.contains(id));
            return Ok(Some(found));
        }
    }
    Ok(None)
}

/// Reads the lists of the services that are asked for, and those of the others where that costs nothing.
async fn gather<L: Listed>(
    list: &L,
    is_costly: &AtomicBool,
    asked: &[String],
    along: &[String],
) -> Result<HashMap<String, Vec<L::Item>>> {
    let ids = [asked, along].concat();
    // A page holds what five services have, if it pays.
    let pages = asked.len().max(ids.len() * 5 / L::PAGE);
    let mut scanned = None;
    if ids.len() > ONE_BY_ONE && !is_costly.load(Ordering::Relaxed) {
        scanned = all(list, &ids, pages).await?;
        is_costly.store(scanned.is_none(), Ordering::Relaxed);
    }
    let mut found = match scanned {
        Some(mut found) => {
            for id in ids {
                found.entry(id).or_default();
            }
            found
        }
        None => {
            let each = asked.iter().map(|id| one(list, id));
            let each = try_join_all(each).await?;
            each.into_iter().collect::<HashMap<_, _>>()
        }
    };
    found.values_mut().for_each(|items| L::sort(items));
    Ok(found)
}

/// Policies.
pub(super) struct Policies {
    caller: Caller,
    is_costly: AtomicBool,
}

/// Scheduled actions.
pub(super) struct Actions {
    caller: Caller,
    is_costly: AtomicBool,
}

/// Activities of the last six weeks, newest first.
pub(super) struct Activities {
    caller: Caller,
    is_costly: AtomicBool,
}

impl Policies {
    pub(super) fn new(caller: &Caller) -> Self {
        Self {
            caller: caller.clone(),
            is_costly: AtomicBool::new(false),
        }
    }
}

impl Actions {
    pub(super) fn new(caller: &Caller) -> Self {
        Self {
            caller: caller.clone(),
            is_costly: AtomicBool::new(false),
        }
    }
}

impl Activities {
    pub(super) fn new(caller: &Caller) -> Self {
        Self {
            caller: caller.clone(),
            is_costly: AtomicBool::new(false),
        }
    }
}

/// AWS takes a dimension together with a resource only.
fn dimension(id: Option<&str>) -> Option<ScalableDimension> {
    id.map(|_| ScalableDimension::EcsServiceDesiredCount)
}

fn filled(token: Option<String>) -> Option<String> {
    token.filter(|token| !token.is_empty())
}

#[async_trait::async_trait]
impl Listed for Policies {
    type Item = ScalingPolicy;
    const PAGE: usize = 10;
    const FIRST_PAGE_ONLY: bool = false;

    async fn page(&self, id: Option<&str>, next: Option<String>) -> Result<Page<ScalingPolicy>> {
        let target = id.unwrap_or(ALL);
        let connection = &self.caller.connection;
        let client = connection.autoscaling(DESCRIBE_POLICIES, target).await?;
        let request = client
            .describe_scaling_policies()
            .service_namespace(ServiceNamespace::Ecs)
            .set_resource_id(id.map(str::to_owned))
            .set_scalable_dimension(dimension(id))
            .set_next_token(next);
        let call = Call::plain(DESCRIBE_POLICIES, target);
        let answer = self.caller.read(call, request.send()).await?;
        let page: Vec<_> = answer
            .scaling_policies()
            .iter()
            .map(|each| (each.resource_id().to_owned(), convert::policy(each)))
            .collect();
        let stepped = page
            .iter()
            .filter(|(_, found)| matches!(found.policy, Policy::Step(_)));
        let alarms: Vec<String> = stepped
            .flat_map(|(_, found)| found.alarms.clone())
            .collect();
        self.caller.known.tell(Kind::Alarm, &alarms);
        Ok((page, filled(answer.next_token)))
    }

    fn is_last_word(_: &ScalingPolicy) -> bool {
        false
    }

    fn sort(items: &mut [ScalingPolicy]) {
        items.sort_by(|one, other| one.name.cmp(&other.name));
    }
}

#[async_trait::async_trait]
impl Listed for Actions {
    type Item = ScheduledAction;
    const PAGE: usize = 50;
    const FIRST_PAGE_ONLY: bool = false;

    async fn page(&self, id: Option<&str>, next: Option<String>) -> Result<Page<ScheduledAction>> {
        let target = id.unwrap_or(ALL);
        let connection = &self.caller.connection;
        let client = connection.autoscaling(DESCRIBE_ACTIONS, target).await?;
        let request = client
            .describe_scheduled_actions()
            .service_namespace(ServiceNamespace::Ecs)
            .set_resource_id(id.map(str::to_owned))
            .set_scalable_dimension(dimension(id))
            .set_next_token(next);
        let call = Call::plain(DESCRIBE_ACTIONS, target);
        let answer = self.caller.read(call, request.send()).await?;
        let page = answer.scheduled_actions().iter();
        let page = page.map(|each| {
            let action = convert::scheduled_action(each);
            (each.resource_id().to_owned(), action)
        });
        Ok((page.collect(), filled(answer.next_token.clone())))
    }

    fn is_last_word(_: &ScheduledAction) -> bool {
        false
    }

    fn sort(items: &mut [ScheduledAction]) {
        items.sort_by(|one, other| one.name.cmp(&other.name));
    }
}

#[async_trait::async_trait]
impl Listed for Activities {
    type Item = ScalingActivity;
    const PAGE: usize = 50;
    const FIRST_PAGE_ONLY: bool = true;

    async fn page(&self, id: Option<&str>, next: Option<String>) -> Result<Page<ScalingActivity>> {
        let target = id.unwrap_or(ALL);
        let client = self
            .caller
            .connection
            .autoscaling(ACTIVITIES, target)
            .await?;
        let request = client
            .describe_scaling_activities()
            .service_namespace(ServiceNamespace::Ecs)
            .set_resource_id(id.map(str::to_owned))
            .set_scalable_dimension(dimension(id))
            .include_not_scaled_activities(true)
            .max_results(50)
            .set_next_token(next);
        let call = Call::plain(ACTIVITIES, target);
        let answer = self.caller.read(call, request.send()).await?;
        let page = answer.scaling_activities().iter().filter_map(|each| {
            let activity = convert::activity(each)?;
            Some((each.resource_id().to_owned(), activity))
        });
        Ok((page.collect(), filled(answer.next_token.clone())))
    }

    /// What came of an attempt, or why there was none; the ones before it say nothing more.
    fn is_last_word(item: &ScalingActivity) -> bool {
        !item.not_scaled.is_empty()
            || match item.status {
                ActivityStatus::Successful
                | ActivityStatus::Failed
                | ActivityStatus::Unfulfilled => true,
                ActivityStatus::Pending
                | ActivityStatus::InProgress
                | ActivityStatus::Overridden
                | ActivityStatus::Unknown(_) => false,
            }
    }

    fn sort(items: &mut [ScalingActivity]) {
        items.sort_by_key(|activity| std::cmp::Reverse(activity.started));
    }
}

/// The three are read alike.
macro_rules! fetched {
    ($list:ty, $item:ty) => {
        #[async_trait::async_trait]
        impl Fetch for $list {
            type Lane = ();
            type Key = String;
            type Value = Vec<$item>;
            const LIMIT: usize = GATHERED;

            async fn fetch(
                &self,
                (): &(),
                keys: &[String],
            ) -> Result<HashMap<String, Self::Value>> {
                gather(self, &self.is_costly, keys, &[]).await
            }

            async fn fetch_along(
                &self,
                (): &(),
                asked: &[String],
                along: &[String],
            ) -> Result<HashMap<String, Self::Value>> {
                gather(self, &self.is_costly, asked, along).await
            }
        }
    };
}

fetched!(Policies, ScalingPolicy);
fetched!(Actions, ScheduledAction);
fetched!(Activities, ScalingActivity);
