//! Requests that come in while rollouts go on.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use switchyard_engine::ports::Strategy;
use switchyard_engine::{DesiredService, ReportKind};
use switchyard_world::traffic::Request;

use crate::sides::stepped;
use switchyard_support::account::{Account, update};

/// How many requests were answered, and how many of them badly.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Seen {
    all: u32,
    bad: u32,
}

/// Rolls out while a visitor asks again and again; whatever becomes of the rollout, the visitor's view is the result.
async fn visited(account: &Account, wanted: &DesiredService) -> (Option<ReportKind>, Seen) {
    let plane = account.world.data_plane();
    let name = &plane.listeners[0].dns_name;
    let request = Request::to("GET", &format!("http://{name}/cart")).unwrap();
    let done = Arc::new(AtomicBool::new(false));
    let visitor = tokio::spawn({
        let (world, done) = (account.world.clone(), Arc::clone(&done));
        async move {
            let mut seen = Seen::default();
            let mut last = None;
            while !done.load(Ordering::Acquire) {
                // One look at each moment: the clock stands still between the engine's waits.
                let now = world.now();
                if last.replace(now) != Some(now) {
                    for _ in 0..10 {
                        let status = world.send(&request).map(|answer| answer.status);
                        seen.all += 1;
                        seen.bad += u32::from(status != Ok(200));
                    }
                }
                tokio::task::yield_now().await;
            }
            seen
        }
    });
    let applied = account.apply(wanted).await;
    done.store(true, Ordering::Release);
    let seen = visitor.await.unwrap();
    (applied.result.ok().map(|report| report.kind), seen)
}

#[tokio::test]
async fn nobody_notices_a_rollout_that_succeeds() {
    type Make = fn(&Account, &str) -> DesiredService;
    let ways: [(&str, Make); 5] = [
        ("rolling", |account, tag| {
            account.wanted(Strategy::Rolling, tag)
        }),
        ("blue/green", |account, tag| {
            account.wanted(Strategy::BlueGreen, tag)
        }),
        ("canary", |account, tag| {
            let (percent, bake_minutes) = (10.0, 2);
            account.wanted(
                Strategy::Canary {
                    percent,
                    bake_minutes,
                },
                tag,
            )
        }),
        ("linear", |account, tag| {
            let (percent, bake_minutes) = (25.0, 1);
            account.wanted(
                Strategy::Linear {
                    percent,
                    bake_minutes,
                },
                tag,
            )
        }),
        ("task sets", |account, tag| {
            stepped(account, tag, &[100, 500, 1000])
        }),
    ];
    for (way, make) in ways {
        let account = Account::new();
        account.done(&make(&account, "v1")).await;
        for tag in ["v2", "v3"] {
            let (kind, seen) = visited(&account, &update(make(&account, tag))).await;
            assert_eq!(kind, Some(ReportKind::RolledOut), "{way} {tag}");
            assert!(seen.all > 100, "{way} {tag}: {seen:?}");
            assert_eq!(seen.bad, 0, "{way} {tag}: {seen:?}");
        }
    }
}

#[tokio::test]
async fn nobody_notices_a_version_that_never_gets_healthy() {
    for stepwise in [false, true] {
        let account = Account::new();
        let make = |tag: &str| {
            if stepwise {
                stepped(&account, tag, &[100, 1000])
            } else {
                account.wanted(Strategy::BlueGreen, tag)
            }
        };
        account.done(&make("v1")).await;
        let (kind, seen) = visited(&account, &update(make("v2--unready"))).await;
        assert_eq!(kind, None);
        assert!(seen.all > 20, "{seen:?}");
        assert_eq!(seen.bad, 0, "{seen:?}");
    }
}
