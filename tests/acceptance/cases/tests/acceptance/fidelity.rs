//! The story that tells an endpoint from the lab: the lab is like itself, and whatever is not is told.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use serde_json::json;
use switchyard_acceptance::fidelity::{PREFIX, differences, recorded_in_lab, report};
use switchyard_harness::fidelity::{Question, Recorder};
use switchyard_harness::{AWS, Endpoint, Stage};

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

#[test]
fn nobody_elses_requests_are_signed_for_aws() {
    let own = [("AWS_PROFILE".to_owned(), "sandbox".to_owned())];
    let recorder = Recorder::before(AWS, &[]);
    let settings = recorder.settings(&own);
    let keys: Vec<_> = settings.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(keys, ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"]);
    for key in ["AKIASOMEBODYELSE0000", ""] {
        let mut stream = TcpStream::connect(recorder.url().trim_start_matches("http://")).unwrap();
        let scope = format!("{key}/20260101/eu-west-1/ecs/aws4_request");
        let request = format!(
            "POST / HTTP/1.1\r\nhost: here\r\nauthorization: AWS4-HMAC-SHA256 Credential={scope}, Signature=0\r\n\
             content-length: 0\r\nconnection: close\r\n\r\n"
        );
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 404"), "{answer}");
    }
    assert!(recorder.finish(&[]).0.is_empty());
}
