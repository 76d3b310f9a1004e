//! Against AWS as a function, in time that takes none.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use aws_sdk_ecs::config::{AsyncSleep, Credentials, SharedAsyncSleep, SharedHttpClient, Sleep};
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_types::body::SdkBody;
use aws_types::region::Region;
use futures::future::join_all;

use super::*;
use crate::environment::Environment;

/// How often a call of this cluster's name is refused before it is answered.
type Refusals = fn(usize) -> u32;

/// Answers in the process.
#[derive(Clone, Debug)]
struct Busy {
    status: u16,
    says: &'static str,
    refusals: Refusals,
    seen: Arc<Mutex<BTreeMap<usize, u32>>>,
}

impl HttpClient for Busy {
    fn http_connector(
        &self,
        _: &HttpConnectorSettings,
        _: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for Busy {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let body = String::from_utf8_lossy(request.body().bytes().unwrap_or_default()).into_owned();
        let digits: String = body.chars().filter(char::is_ascii_digit).collect();
        let nth: usize = digits.parse().unwrap();
        let mut seen = self.seen.lock().unwrap();
        let tried = seen.entry(nth).or_default();
        *tried += 1;
        let (status, body) = if *tried > (self.refusals)(nth) {
            (200, r#"{"services":[]}"#.to_owned())
        } else {
            (self.status, format!(r#"{{"__type":"{}"}}"#, self.says))
        };
        let response = HttpResponse::new(status.try_into().unwrap(), SdkBody::from(body));
        HttpConnectorFuture::ready(Ok(response))
    }
}

/// Waits are over at once.
#[derive(Debug)]
struct NoTime;

impl AsyncSleep for NoTime {
    fn sleep(&self, _: Duration) -> Sleep {
        Sleep::new(std::future::ready(()))
    }
}

/// Asks so many times at once; the answers that were no errors, and the most attempts of one call.
async fn ask(calls: usize, max_retries: Option<u32>, busy: &Busy) -> (usize, u32) {
    ask_with(
        calls,
        max_retries,
        busy,
        aws_sdk_ecs::config::Builder::new(),
    )
    .await
}

/// The same, with settings of each call.
async fn ask_with(
    calls: usize,
    max_retries: Option<u32>,
    busy: &Busy,
    each: aws_sdk_ecs::config::Builder,
) -> (usize, u32) {
    let mut config = AwsConfig::new(Environment::default());
    config.max_retries = max_retries;
    let patience = Patience::of(&config);
    let builder = aws_sdk_ecs::Config::builder()
        .behavior_version(aws_config::BehaviorVersion::latest())
        .region(Region::new("eu-west-1"))
        .credentials_provider(Credentials::new("AKID", "secret", None, None, "test"))
        .sleep_impl(SharedAsyncSleep::new(NoTime))
        .http_client(SharedHttpClient::new(busy.clone()));
    let client = aws_sdk_ecs::Client::from_conf(patient!(builder, &patience).build());
    let calls = (0..calls).map(|nth| {
        let call = client.describe_services().cluster(format!("{nth}"));
        let call = call.customize().config_override(each.clone());
        async move { call.send().await.is_ok() }
    });
    let answers = join_all(calls).await;
    let most = busy.seen.lock().unwrap().values().copied().max();
    (
        answers.into_iter().filter(|fine| *fine).count(),
        most.unwrap_or_default(),
    )
}

fn busy(status: u16, says: &'static str, refusals: Refusals) -> Busy {
    Busy {
        status,
        says,
        refusals,
        seen: Arc::default(),
    }
}

/// Four of ten attempts refused, drawn without chance: the lengths of runs are those of a fair draw, with some
/// longer ones.
fn forty_percent(nth: usize) -> u32 {
    match nth % 100 {
        0..60 => 0,
        60..84 => 1,
        84..94 => 2,
        94..98 => 3,
        98 => 6,
        _ => 12,
    }
}

#[tokio::test]
async fn three_hundred_services_in_a_busy_account_are_all_read() {
    let busy = busy(400, "ThrottlingException", forty_percent);
    assert_eq!(ask(300, None, &busy).await, (300, 13));
}

#[tokio::test]
async fn no_quota_is_shared_between_calls() {
    let busy = busy(400, "ThrottlingException", |_| 20);
    assert_eq!(ask(20, Some(20), &busy).await, (20, 21));
}

#[tokio::test]
async fn a_number_that_is_given_holds_for_throttled_calls() {
    let busy = busy(400, "ThrottlingException", |_| 3);
    assert_eq!(ask(2, Some(2), &busy).await, (0, 3));
}

#[tokio::test]
async fn an_endless_refusal_ends() {
    let busy = busy(400, "ThrottlingException", |_| u32::MAX);
    let expected = 1 + RETRIES + RETRIES_WHEN_THROTTLED;
    assert_eq!(ask(2, None, &busy).await, (0, expected));
}

#[tokio::test]
async fn another_failure_is_not_waited_for_as_long() {
    let busy = busy(500, "ServerException", |_| u32::MAX);
    assert_eq!(ask(2, None, &busy).await, (0, 1 + RETRIES));
}

#[tokio::test]
async fn an_extra_is_asked_for_once_whatever_is_answered() {
    let each = || aws_sdk_ecs::config::Builder::new().retry_config(once());
    for (status, says) in [
        (400, "ThrottlingException"),
        (500, "ServerException"),
        (503, "ServiceUnavailable"),
    ] {
        for max_retries in [None, Some(7)] {
            let busy = busy(status, says, |_| 1);
            let answered = ask_with(3, max_retries, &busy, each()).await;
            assert_eq!(answered, (0, 1), "{status} {says}");
        }
    }
}
