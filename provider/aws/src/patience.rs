//! How failed calls are repeated: every call by its own count.
//!
//! The SDK gives all calls of a process one quota of repetitions. With hundreds of services and a busy account it is
//! used up by calls that would have come through, and the others fail at their first refusal. Here the buckets of
//! [`throttle`](crate::throttle) keep the rate down, so that the quota is off.

use std::time::Duration;

use aws_sdk_ecs::config::retry::{RetryPartition, TokenBucket};
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::context::FinalizerInterceptorContextRef;
use aws_smithy_runtime_api::client::interceptors::{
    Intercept, SharedInterceptor, dyn_dispatch_hint,
};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::{ConfigBag, Storable, StoreReplace};
use aws_smithy_types::retry::RetryConfig;

use crate::config::{AwsConfig, RetryMode};

/// Repetitions after a failure that may pass, when nothing is said.
const RETRIES: u32 = 5;

/// Repetitions after "too many calls", when nothing is said: about five minutes. AWS has done nothing and will do it
/// later, so that giving up early helps nobody.
const RETRIES_WHEN_THROTTLED: u32 = 30;

/// The longest wait between two attempts.
const LONGEST_WAIT: Duration = Duration::from_secs(20);

/// More repetitions than any process makes.
const NO_QUOTA: usize = 500_000_000;

/// What every client is made with.
#[derive(Clone, Debug)]
pub(crate) struct Patience {
    pub(crate) config: RetryConfig,
    pub(crate) partition: RetryPartition,
    pub(crate) throttled: SharedInterceptor,
}

impl Patience {
    /// A number the user gives holds for every kind of failure.
    pub(crate) fn of(config: &AwsConfig) -> Self {
        let retries = config.max_retries.unwrap_or(RETRIES);
        let mode = match config.retry_mode {
            RetryMode::Adaptive => RetryConfig::adaptive(),
            RetryMode::Standard => RetryConfig::standard(),
        };
        let when_throttled = match config.max_retries {
            Some(_) => 0,
            None => RETRIES_WHEN_THROTTLED,
        };
        let quota = TokenBucket::new(NO_QUOTA);
        let partition = RetryPartition::custom("switchyard").token_bucket(quota);
        Self {
            config: mode
                .with_max_attempts(retries.saturating_add(1))
                .with_max_backoff(LONGEST_WAIT),
            partition: partition.build(),
            throttled: SharedInterceptor::new(ThrottledApart { when_throttled }),
        }
    }
}

/// What a call that a plan can do without is sent with: one attempt, whatever AWS answers. Nobody waits for an extra.
pub(crate) fn once() -> RetryConfig {
    RetryConfig::disabled()
}

/// Gives a client's builder its [`Patience`]. The types of builders differ in nothing but their names.
macro_rules! patient {
    ($builder:expr, $patience:expr) => {{
        let patience: &$crate::patience::Patience = $patience;
        $builder
            .retry_config(patience.config.clone())
            .retry_partition(patience.partition.clone())
            .interceptor(patience.throttled.clone())
    }};
}
pub(crate) use patient;

/// Lets throttled attempts not count as failed ones, up to a number of them. Whether an attempt is repeated at all
/// is decided elsewhere: this changes only how many there may be.
#[derive(Debug)]
struct ThrottledApart {
    when_throttled: u32,
}

/// How many attempts of one call were throttled.
#[derive(Clone, Copy, Debug, Default)]
struct ThrottledSoFar(u32);

impl Storable for ThrottledSoFar {
    type Storer = StoreReplace<Self>;
}

#[dyn_dispatch_hint]
impl Intercept for ThrottledApart {
    fn name(&self) -> &'static str {
        "throttled apart"
    }

    fn read_after_attempt(
        &self,
        context: &FinalizerInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let before = config
            .load::<ThrottledSoFar>()
            .copied()
            .unwrap_or_default()
            .0;
        if before >= self.when_throttled || !is_throttled(context) {
            return Ok(());
        }
        let retries = config.load::<RetryConfig>().cloned();
        // One attempt is one attempt: see `once`.
        let repeats = |retries: &RetryConfig| retries.max_attempts() > 1;
        if let Some(retries) = retries.filter(repeats) {
            let attempts = retries.max_attempts().saturating_add(1);
            let state = config.interceptor_state();
            state.store_put(ThrottledSoFar(before.saturating_add(1)));
            state.store_put(retries.with_max_attempts(attempts));
        }
        Ok(())
    }
}

/// Whether the answer says that there are too many calls, in the words of any of AWS's protocols.
fn is_throttled(context: &FinalizerInterceptorContextRef<'_>) -> bool {
    const WORDS: [&[u8]; 6] = [
        b"Throttl",
        b"TooManyRequests",
        b"RequestLimitExceeded",
        b"SlowDown",
        b"BandwidthLimitExceeded",
        b"PriorRequestNotComplete",
    ];
    let Some(response) = context.response() else {
        return false;
    };
    let status = response.status();
    let says = |bytes: &[u8]| {
        WORDS
            .iter()
            .any(|word| bytes.windows(word.len()).any(|part| part == *word))
    };
    status.as_u16() == 429 || (!status.is_success() && response.body().bytes().is_some_and(says))
}

#[cfg(test)]
mod tests;
