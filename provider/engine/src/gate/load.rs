//! Many requests at once: how long they take, and how many fail.

use std::time::Duration;

use futures::stream::{self, StreamExt as _};

use super::ask::{Missed, Replied, addresses, reply};
use super::config::{HttpCheck, Load};
use super::means::{Means, SideFacts};

/// Sends the requests in turn to everyone, `concurrency` at a time: `Ok` when few enough fail and they are fast enough.
/// Both say what was seen.
pub(super) async fn run(
    means: Means<'_>,
    facts: &SideFacts,
    check: &HttpCheck,
    load: Load,
) -> Result<String, Missed> {
    let addresses = addresses(means, facts, check).await?;
    let count = usize::try_from(load.requests).unwrap_or(usize::MAX);
    let at_a_time = usize::try_from(load.concurrency.max(1)).unwrap_or(1);
    let mut requests = Vec::with_capacity(count);
    for address in addresses.iter().cycle().take(count) {
        requests.push(reply(means, check, address));
    }
    let replies: Vec<Replied> = stream::iter(requests)
        .buffer_unordered(at_a_time)
        .collect()
        .await;
    judged(load, &replies).map_err(Missed::Bad)
}

fn judged(load: Load, replies: &[Replied]) -> Result<String, String> {
    let mut times: Vec<Duration> = replies.iter().filter_map(|reply| reply.latency).collect();
    times.sort_unstable();
    let failed = replies.iter().filter(|reply| reply.seen.is_err()).count();
    let first = replies.iter().find_map(|reply| reply.seen.as_ref().err());
    let percentile = |percent| percentile(&times, percent);
    let shown = |percent| match percentile(percent) {
        Some(time) => format!("{} ms", time.as_micros().div_ceil(1000)),
        None => "-".to_owned(),
    };
    let words = format!(
        "{} requests, {} at a time: {failed} failed, p50 {}, p95 {}, p99 {}",
        replies.len(),
        load.concurrency,
        shown(50),
        shown(95),
        shown(99),
    );
    if is_above(failed, replies.len(), load.max_errors) {
        let why = first.map_or_else(String::new, |first| format!(", such as {first}"));
        return Err(format!(
            "{words}; at most {} % may fail{why}",
            load.max_errors
        ));
    }
    match (load.p95, percentile(95)) {
        (Some(most), Some(p95)) if p95 > most => Err(format!(
            "{words}; p95 may be at most {} ms",
            most.as_millis()
        )),
        (Some(_), None) => Err(format!("{words}; no request was answered")),
        (Some(_) | None, _) => Ok(words),
    }
}

/// Whether more than `most` percent have failed.
fn is_above(failed: usize, all: usize, most: f64) -> bool {
    let number = |count: usize| f64::from(u32::try_from(count).unwrap_or(u32::MAX));
    all == 0 || number(failed) * 100.0 > most * number(all)
}

/// The time that this many percent do not exceed: one that was measured, never one in between.
fn percentile(sorted: &[Duration], percent: usize) -> Option<Duration> {
    let rank = (sorted.len() * percent).div_ceil(100);
    sorted.get(rank.checked_sub(1)?).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn replies(times: impl IntoIterator<Item = u64>, failed: usize) -> Vec<Replied> {
        let good = times.into_iter().map(|millis| Replied {
            seen: Ok(String::new()),
            latency: Some(Duration::from_millis(millis)),
        });
        let bad = (0..failed).map(|_| Replied {
            seen: Err("GET /: connection refused".to_owned()),
            latency: None,
        });
        good.chain(bad).collect()
    }

    fn load(p95: Option<u64>, max_errors: f64) -> Load {
        Load {
            requests: 100,
            concurrency: 10,
            p95: p95.map(Duration::from_millis),
            max_errors,
        }
    }

    #[test]
    fn percentiles_are_times_that_were_measured() {
        let times: Vec<_> = (1..=100).map(Duration::from_millis).collect();
        for (percent, millis) in [(50, 50), (95, 95), (99, 99)] {
            assert_eq!(
                percentile(&times, percent),
                Some(Duration::from_millis(millis))
            );
        }
        let one = [Duration::from_millis(7)];
        assert_eq!(percentile(&one, 50), Some(one[0]));
        assert_eq!(percentile(&[], 95), None);
    }

    #[test]
    fn slow_or_failing_requests_fail_it() {
        let said = judged(load(Some(95), 0.0), &replies(1..=100, 0));
        assert_eq!(
            said,
            Ok("100 requests, 10 at a time: 0 failed, p50 50 ms, p95 95 ms, p99 99 ms".to_owned())
        );
        assert!(judged(load(Some(94), 0.0), &replies(1..=100, 0)).is_err());
        assert!(judged(load(None, 1.0), &replies(1..=99, 1)).is_ok());
        let said = judged(load(None, 0.9), &replies(1..=99, 1)).unwrap_err();
        assert!(said.contains("1 failed"), "{said}");
        assert!(said.contains("connection refused"), "{said}");
        assert!(
            judged(load(Some(1), 100.0), &replies([], 3)).is_err(),
            "nothing was measured"
        );
        assert!(judged(load(None, 100.0), &[]).is_err(), "nobody was asked");
    }
}
