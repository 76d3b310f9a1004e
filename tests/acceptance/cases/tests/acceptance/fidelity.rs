//! The story that tells an endpoint from the lab: the lab is like itself, and whatever is not is told.

use serde_json::json;
use switchyard_acceptance::fidelity::{PREFIX, differences, recorded_in_lab, report};
use switchyard_harness::fidelity::Question;
use switchyard_harness::{Endpoint, Stage};

#[test]
fn the_lab_does_what_the_lab_does() {
    // At once: each mostly waits for processes.
    let plays = [(), ()].map(|()| std::thread::spawn(|| recorded_in_lab(&mut |_| {})));
    let twice = plays.map(|play| play.join().expect("the story comes to its end"));
    let [there, lab] = &twice;
    let findings = differences(there, lab);
    assert!(findings.is_empty(), "{}", report(there, lab, &findings));
    for question in Question::ALL {
        assert!(
            question.answer(there).is_some(),
            "the story does not answer: {}",
            question.heading()
        );
    }
    let text = there.text();
    for secret in ["123456789012", "AKIALAB", "lab-secret"] {
        assert!(!text.contains(secret), "{secret} is in the recording");
    }
}

#[test]
fn the_sweeper_takes_away_what_carries_the_prefix_and_nothing_else() {
    let lab = Stage::in_lab();
    let names = |prefix: &str| [format!("{prefix}-a"), format!("{prefix}-b")];
    let make = |name: &str| {
        lab.cluster(name);
        lab.task_definition(name, "web:v1");
        let _ = lab.pair(name);
        let application = json!({ "applicationName": name, "computePlatform": "ECS" });
        lab.call("codedeploy", "CreateApplication", application);
    };
    let (ours, others) = (names(PREFIX), names("shop"));
    ours.iter().chain(&others).for_each(|name| make(name));

    let mut settings = lab.environment();
    settings.retain(|(name, _)| name != "AWS_ENDPOINT_URL");
    let endpoint = Endpoint::at(&lab.lab().endpoint(), &settings);
    let swept = endpoint.sweep(PREFIX);
    assert_eq!(swept.unread, Vec::<String>::new());
    assert!(
        swept.found.iter().all(|name| name.starts_with(PREFIX)),
        "{swept:?}"
    );
    // Of each: a cluster, a task definition, a load balancer, two groups and an application.
    assert_eq!(swept.found.len(), 12, "{swept:?}");
    for (service, operation, list) in [
        ("ecs", "ListClusters", "clusterArns"),
        ("ecs", "ListTaskDefinitions", "taskDefinitionArns"),
        ("elbv2", "DescribeLoadBalancers", "LoadBalancers"),
        ("codedeploy", "ListApplications", "applications"),
    ] {
        let left = lab.call(service, operation, json!({}));
        assert_eq!(
            left[list].as_array().map(Vec::len),
            Some(2),
            "{operation}: {left}"
        );
    }
    assert_eq!(endpoint.sweep(PREFIX), switchyard_harness::Swept::default());
}
