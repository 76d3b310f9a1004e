//! What is on the wire, protocol by protocol.

mod support;

use serde_json::json;
use support::{authorization, cbor, control, ecs, json_call, lab, query, send};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

#[tokio::test]
async fn json_calls_answer_json() {
    let lab = lab().await;
    let reply = ecs(
        lab.address(),
        "CreateCluster",
        json!({"clusterName": "main"}),
    )
    .await
    .unwrap();
    assert_eq!(reply.status, 200, "{}", reply.text());
    assert_eq!(reply.headers["content-type"], "application/x-amz-json-1.1");
    assert!(reply.headers["x-amzn-requestid"].len() == 36);
    assert_eq!(reply.json()["cluster"]["clusterName"], "main");
    lab.stop().await;
}

#[tokio::test]
async fn json_errors_carry_the_type_twice() {
    let lab = lab().await;
    let reply = ecs(lab.address(), "ListServices", json!({"cluster": "absent"}))
        .await
        .unwrap();
    assert_eq!(reply.status, 400);
    assert_eq!(
        reply.headers["x-amzn-errortype"],
        "ClusterNotFoundException"
    );
    assert_eq!(reply.json()["__type"], "ClusterNotFoundException");
    assert!(reply.json()["message"].is_string());
    lab.stop().await;
}

#[tokio::test]
async fn query_calls_answer_xml() {
    let lab = lab().await;
    let form = "Action=CreateTargetGroup&Version=2015-12-01&Name=blue&Protocol=HTTP&Port=80&TargetType=ip\
                &VpcId=vpc-1&Tags.member.1.Key=stage&Tags.member.1.Value=a%26b";
    let created = query(lab.address(), "elasticloadbalancing", form)
        .await
        .unwrap();
    assert_eq!(created.status, 200, "{}", created.text());
    assert_eq!(created.headers["content-type"], "text/xml");
    let text = created.text();
    assert!(
        text.starts_with("<CreateTargetGroupResponse xmlns=\"http://elasticloadbalancing.amazonaws.com/doc/2015-12-01/\"><CreateTargetGroupResult><TargetGroups><member>"),
        "{text}"
    );
    assert!(
        text.contains("<TargetGroupName>blue</TargetGroupName>"),
        "{text}"
    );
    assert!(text.contains("<Port>80</Port>"), "{text}");
    assert!(
        text.ends_with("</RequestId></ResponseMetadata></CreateTargetGroupResponse>"),
        "{text}"
    );
    lab.stop().await;
}

#[tokio::test]
async fn query_errors_are_error_responses() {
    let lab = lab().await;
    let form = "Action=DescribeTargetGroups&Version=2015-12-01&Names.member.1=absent";
    let reply = query(lab.address(), "elasticloadbalancing", form)
        .await
        .unwrap();
    assert_eq!(reply.status, 400);
    let text = reply.text();
    assert!(text.starts_with("<ErrorResponse xmlns="), "{text}");
    assert!(
        text.contains("<Type>Sender</Type><Code>TargetGroupNotFound</Code><Message>"),
        "{text}"
    );
    lab.stop().await;
}

#[tokio::test]
async fn writes_of_cloudwatch_have_no_result_element() {
    let lab = lab().await;
    let form = "Action=PutMetricAlarm&Version=2010-08-01&AlarmName=cpu&MetricName=CPUUtilization&Namespace=AWS%2FECS\
                &Statistic=Average&Period=60&EvaluationPeriods=1&Threshold=80&ComparisonOperator=GreaterThanThreshold";
    let put = query(lab.address(), "monitoring", form).await.unwrap();
    assert_eq!(put.status, 200, "{}", put.text());
    assert!(!put.text().contains("Result"), "{}", put.text());
    let described = query(
        lab.address(),
        "monitoring",
        "Action=DescribeAlarms&Version=2010-08-01",
    )
    .await
    .unwrap();
    let text = described.text();
    assert!(text.contains("<AlarmName>cpu</AlarmName>"), "{text}");
    let updated = text.split("<StateUpdatedTimestamp>").nth(1).unwrap();
    assert!(updated.get(..24).unwrap().ends_with('Z'), "{text}");
    lab.stop().await;
}

/// CBOR by hand: `{"AlarmNames": ["cpu"]}`.
const NAMES: &[u8] = b"\xa1\x6aAlarmNames\x81\x63cpu";

#[tokio::test]
async fn cbor_calls_answer_cbor() {
    let lab = lab().await;
    let alarm = json!({
        "AlarmName": "cpu", "MetricName": "CPUUtilization", "Namespace": "AWS/ECS", "Statistic": "Average",
        "Period": 60, "EvaluationPeriods": 1, "Threshold": 80, "ComparisonOperator": "GreaterThanThreshold",
    });
    lab.call("cloudwatch", "PutMetricAlarm", alarm).unwrap();
    let reply = cbor(lab.address(), "DescribeAlarms", NAMES).await.unwrap();
    assert_eq!(reply.status, 200, "{}", reply.text());
    assert_eq!(reply.headers["content-type"], "application/cbor");
    assert_eq!(reply.headers["smithy-protocol"], "rpc-v2-cbor");
    let contains = |needle: &[u8]| {
        reply
            .body
            .windows(needle.len())
            .any(|window| window == needle)
    };
    assert!(contains(b"\x69AlarmName\x63cpu"), "{}", reply.text());
    let threshold = [b"\x69Threshold\xfb".as_slice(), &80f64.to_be_bytes()].concat();
    assert!(
        contains(&threshold),
        "a whole threshold is still a double: {}",
        reply.text()
    );
    assert!(contains(b"\x66Period\x18\x3c"), "{}", reply.text());
    assert!(
        contains(b"StateUpdatedTimestamp\xc1\xfb"),
        "a timestamp has tag 1: {}",
        reply.text()
    );
    lab.stop().await;
}

#[tokio::test]
async fn cbor_errors_name_shape_and_query_code() {
    let lab = lab().await;
    let reply = cbor(lab.address(), "NoSuchThing", b"\xa0").await.unwrap();
    assert_eq!(reply.status, 400);
    assert_eq!(reply.headers["smithy-protocol"], "rpc-v2-cbor");
    assert!(
        reply.headers["x-amzn-query-error"].ends_with(";Sender"),
        "{:?}",
        reply.headers
    );
    assert!(reply.text().contains("__type"), "{}", reply.text());
    let garbage = cbor(lab.address(), "DescribeAlarms", b"\xa1\x01")
        .await
        .unwrap();
    assert_eq!(garbage.status, 400);
    assert!(
        garbage.text().contains("SerializationException"),
        "{}",
        garbage.text()
    );
    lab.stop().await;
}

#[tokio::test]
async fn cloudwatch_also_speaks_json() {
    let lab = lab().await;
    let authorization = authorization("monitoring");
    let headers = [
        ("authorization", authorization.as_str()),
        (
            "x-amz-target",
            "GraniteServiceVersion20100801.DescribeAlarms",
        ),
        ("content-type", "application/x-amz-json-1.0"),
    ];
    let reply = send(lab.address(), "POST", "/", &headers, b"{}")
        .await
        .unwrap();
    assert_eq!(reply.status, 200, "{}", reply.text());
    assert_eq!(reply.headers["content-type"], "application/x-amz-json-1.0");
    assert_eq!(reply.json()["MetricAlarms"], json!([]));
    lab.stop().await;
}

#[tokio::test]
async fn operations_nobody_knows_are_refused_in_the_services_own_protocol() {
    let lab = lab().await;
    let json = ecs(lab.address(), "MakeCoffee", json!({})).await.unwrap();
    assert_eq!(
        (json.status, json.headers["content-type"].as_str()),
        (400, "application/x-amz-json-1.1")
    );
    assert_eq!(json.json()["__type"], "UnknownOperationException");
    let xml = query(
        lab.address(),
        "elasticloadbalancing",
        "Action=MakeCoffee&Version=2015-12-01",
    )
    .await
    .unwrap();
    assert_eq!(xml.status, 400);
    assert!(
        xml.text().contains("<Code>InvalidAction</Code>"),
        "{}",
        xml.text()
    );
    let authorization = authorization("monitoring");
    let strange = send(
        lab.address(),
        "GET",
        "/x",
        &[("authorization", &authorization)],
        b"",
    )
    .await
    .unwrap();
    assert_eq!(strange.status, 400);
    assert!(
        strange.text().starts_with("<ErrorResponse"),
        "{}",
        strange.text()
    );
    lab.stop().await;
}

#[tokio::test]
async fn identity_needs_no_python() {
    let lab = lab().await;
    let reply = query(
        lab.address(),
        "sts",
        "Action=GetCallerIdentity&Version=2011-06-15",
    )
    .await
    .unwrap();
    assert_eq!(reply.status, 200);
    let text = reply.text();
    assert!(text.contains("<GetCallerIdentityResult><Account>123456789012</Account><Arn>arn:aws:iam::123456789012:user/"), "{text}");
    assert_eq!(
        control(lab.address(), "GET", "/_lab/state", "").await["moto"],
        "not started"
    );
    lab.stop().await;
}

#[tokio::test]
async fn regions_are_apart() {
    let lab = lab().await;
    ecs(
        lab.address(),
        "CreateCluster",
        json!({"clusterName": "main"}),
    )
    .await
    .unwrap();
    let elsewhere = authorization("ecs").replace("eu-west-1", "us-east-1");
    let headers = [
        ("authorization", elsewhere.as_str()),
        (
            "x-amz-target",
            "AmazonEC2ContainerServiceV20141113.ListClusters",
        ),
        ("content-type", "application/x-amz-json-1.1"),
    ];
    let reply = send(lab.address(), "POST", "/", &headers, b"{}")
        .await
        .unwrap();
    assert_eq!(reply.json()["clusterArns"], json!([]));
    lab.stop().await;
}

#[tokio::test]
async fn malformed_bodies_are_the_callers_fault() {
    let lab = lab().await;
    let authorization = authorization("ecs");
    let headers = [
        ("authorization", authorization.as_str()),
        (
            "x-amz-target",
            "AmazonEC2ContainerServiceV20141113.ListClusters",
        ),
        ("content-type", "application/x-amz-json-1.1"),
    ];
    let reply = send(lab.address(), "POST", "/", &headers, b"{oops")
        .await
        .unwrap();
    assert_eq!(reply.status, 400);
    assert_eq!(reply.json()["__type"], "SerializationException");
    lab.stop().await;
}

#[tokio::test]
async fn a_client_may_wait_for_continue_and_reuse_the_connection() {
    let lab = lab().await;
    let mut stream = tokio::net::TcpStream::connect(lab.address()).await.unwrap();
    let padding = "x".repeat(300_000);
    let body = json!({"clusterName": "main", "padding": padding}).to_string();
    for _ in 0..2 {
        let head = format!(
            "POST / HTTP/1.1\r\nhost: a\r\nauthorization: {}\r\nx-amz-target: AmazonEC2ContainerServiceV20141113.CreateCluster\r\n\
             content-type: application/x-amz-json-1.1\r\nexpect: 100-continue\r\ncontent-length: {}\r\n\r\n",
            authorization("ecs"),
            body.len()
        );
        stream.write_all(head.as_bytes()).await.unwrap();
        let mut buffer = vec![0; 25];
        stream.read_exact(&mut buffer).await.unwrap();
        assert_eq!(buffer, b"HTTP/1.1 100 Continue\r\n\r\n");
        stream.write_all(body.as_bytes()).await.unwrap();
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(stream.read_u8().await.unwrap());
        }
        let head = String::from_utf8(head).unwrap();
        assert!(head.starts_with("HTTP/1.1 200"), "{head}");
        let length = head
            .lines()
            .find_map(|line| line.strip_prefix("content-length: "))
            .unwrap();
        let mut answer = vec![0; length.parse().unwrap()];
        stream.read_exact(&mut answer).await.unwrap();
    }
    lab.stop().await;
}

#[tokio::test]
async fn codedeploy_and_application_auto_scaling_speak_json() {
    let lab = lab().await;
    let apps = json_call(
        lab.address(),
        "codedeploy",
        "CodeDeploy_20141006.ListApplications",
        json!({}),
    )
    .await
    .unwrap();
    assert_eq!(
        (apps.status, apps.json()["applications"].clone()),
        (200, json!([])),
        "{}",
        apps.text()
    );
    let targets = json_call(
        lab.address(),
        "application-autoscaling",
        "AnyScaleFrontendService.DescribeScalableTargets",
        json!({"ServiceNamespace": "ecs"}),
    )
    .await
    .unwrap();
    assert_eq!(
        (targets.status, targets.json()["ScalableTargets"].clone()),
        (200, json!([])),
        "{}",
        targets.text()
    );
    lab.stop().await;
}

#[tokio::test]
async fn compressed_calls_are_read() {
    let lab = lab().await;
    let form = "Action=PutMetricData&Version=2010-08-01&Namespace=App&MetricData.member.1.MetricName=Busy\
                &MetricData.member.1.Value=1";
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    std::io::Write::write_all(&mut packer, form.as_bytes()).unwrap();
    let body = packer.finish().unwrap();
    let authorization = authorization("monitoring");
    let headers = [
        ("authorization", authorization.as_str()),
        ("content-type", "application/x-www-form-urlencoded"),
        ("content-encoding", "gzip"),
    ];
    let reply = send(lab.address(), "POST", "/", &headers, &body)
        .await
        .unwrap();
    assert_eq!(reply.status, 200, "{}", reply.text());
    assert_eq!(lab.call_counts()["cloudwatch"]["PutMetricData"], 1);
    lab.stop().await;
}
