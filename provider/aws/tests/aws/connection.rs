//! Configuration, credentials, time-outs and retries, seen through one harmless call.

use std::sync::Arc;

use serde_json::json;
use switchyard_aws::{AssumeRole, Aws, AwsConfig, Environment, WebIdentity, WebIdentityToken};
use switchyard_engine::ports::{Error, ErrorKind};

use crate::fake::{Fake, NoProbes, RealClock, Reply, json as reply, json_error, xml};

async fn ask(config: AwsConfig) -> Result<bool, Error> {
    Aws::connect(config)
        .ports(Arc::new(RealClock), Arc::new(NoProbes))
        .services
        .cluster_is_active("main")
        .await
}

fn active() -> Reply {
    reply(
        json!({"clusters": [{"clusterArn": "arn:main", "clusterName": "main", "status": "ACTIVE"}]}),
    )
}

fn identity(account: &str) -> Reply {
    xml(&format!(
        "<GetCallerIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><GetCallerIdentityResult>\
         <Arn>arn:aws:iam::{account}:user/ci</Arn><UserId>U</UserId><Account>{account}</Account>\
         </GetCallerIdentityResult></GetCallerIdentityResponse>"
    ))
}

fn assumed(action: &str, key: &str) -> Reply {
    xml(&format!(
        "<{action}Response xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><{action}Result><Credentials>\
         <AccessKeyId>{key}</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken>\
         <Expiration>2999-01-01T00:00:00Z</Expiration></Credentials></{action}Result></{action}Response>"
    ))
}

#[tokio::test]
async fn connecting_calls_nobody() {
    let fake = Fake::script([]).await;
    let aws = Aws::connect(fake.config());
    let _ports = aws.ports(Arc::new(RealClock), Arc::new(NoProbes));
    aws.prepare().await.unwrap();
    assert_eq!(fake.seen().len(), 0);
}

#[tokio::test]
async fn a_missing_region_says_where_it_was_looked_for() {
    let fake = Fake::script([]).await;
    let mut config = fake.config();
    config.region = None;
    let error = ask(config).await.unwrap_err();
    assert_eq!(
        (error.kind, error.code.as_str()),
        (ErrorKind::Rejected, "MissingRegion")
    );
    for place in [
        "`region` in the provider block",
        "AWS_REGION",
        "AWS_DEFAULT_REGION",
        "profile `default`",
    ] {
        assert!(error.message.contains(place), "{}", error.message);
    }
}

#[tokio::test]
async fn missing_credentials_say_where_they_were_looked_for() {
    let fake = Fake::script([]).await;
    let mut config = fake.config();
    config.access_keys = None;
    let error = ask(config).await.unwrap_err();
    assert_eq!(
        (error.kind, error.code.as_str()),
        (ErrorKind::Denied, "MissingCredentials")
    );
    assert!(
        error
            .message
            .contains("AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"),
        "{}",
        error.message
    );
    assert_eq!(fake.seen().len(), 0);
}

#[tokio::test]
async fn region_keys_and_endpoint_may_come_from_the_environment() {
    let fake = Fake::script([active()]).await;
    let mut config = AwsConfig::new(Environment::from_variables([
        ("AWS_REGION", "eu-north-1"),
        ("AWS_ACCESS_KEY_ID", "AKIDENVIRONMENT"),
        ("AWS_SECRET_ACCESS_KEY", "s"),
        ("AWS_ENDPOINT_URL_ECS", fake.url.as_str()),
    ]));
    config.skip_metadata_api_check = true;
    assert!(ask(config).await.unwrap());
    let authorization = fake.seen()[0].headers["authorization"].clone();
    assert!(
        authorization.contains("AKIDENVIRONMENT/") && authorization.contains("/eu-north-1/"),
        "{authorization}"
    );
}

/// Signed for this region, with this key.
fn signed(seen: &crate::fake::Seen) -> (String, String) {
    let authorization = &seen.headers["authorization"];
    let (_, scope) = authorization.split_once("Credential=").unwrap();
    let mut parts = scope.split('/');
    let key = parts.next().unwrap().to_owned();
    (key, parts.nth(1).unwrap().to_owned())
}

#[tokio::test]
async fn another_region_has_the_same_credentials_and_asks_for_them_once() {
    let fake = Fake::start(|seen| match seen.form().get("Action").map(String::as_str) {
        Some("AssumeRole") => assumed("AssumeRole", "AKIDROLE"),
        Some("GetCallerIdentity") => identity("123456789012"),
        _ => active(),
    })
    .await;
    let mut config = fake.config();
    config.assume_role = vec![AssumeRole {
        role_arn: "arn:aws:iam::123456789012:role/ci".to_owned(),
        ..AssumeRole::default()
    }];
    let home = Aws::connect(config).ports(Arc::new(RealClock), Arc::new(NoProbes));
    let west = home.services.elsewhere(&home, "us-west-2").unwrap();
    let east = home.services.elsewhere(&home, "us-east-1").unwrap();
    assert_eq!(west.services.region().await.as_deref(), Some("us-west-2"));
    for ports in [&west, &east, &home] {
        assert!(ports.services.cluster_is_active("main").await.unwrap());
    }
    let seen = fake.seen();
    let count = |action: &str| {
        let asked = seen
            .iter()
            .filter(|seen| seen.form().get("Action").map(String::as_str) == Some(action));
        asked.count()
    };
    assert_eq!(count("AssumeRole"), 1);
    let home_region = home.services.region().await.unwrap();
    let signed: Vec<_> = seen
        .iter()
        .filter(|seen| seen.headers.contains_key("x-amz-target"))
        .map(signed)
        .collect();
    let expected = ["us-west-2", "us-east-1", home_region.as_str()];
    assert_eq!(
        signed,
        expected.map(|region| ("AKIDROLE".to_owned(), region.to_owned()))
    );
}

#[tokio::test]
async fn the_account_is_checked_once_for_all_regions() {
    let fake = Fake::start(|seen| match seen.form().get("Action").map(String::as_str) {
        Some("GetCallerIdentity") => identity("123456789012"),
        _ => active(),
    })
    .await;
    let mut config = fake.config();
    config.allowed_account_ids = ["123456789012".to_owned()].into();
    let home = Aws::connect(config).ports(Arc::new(RealClock), Arc::new(NoProbes));
    let west = home.services.elsewhere(&home, "us-west-2").unwrap();
    for ports in [&west, &home] {
        assert!(ports.services.cluster_is_active("main").await.unwrap());
    }
    assert_eq!(fake.seen().len(), 3);
}

#[tokio::test]
async fn keys_may_come_from_a_profile() {
    let fake = Fake::script([active()]).await;
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("credentials");
    std::fs::write(
        &file,
        "[ci]\naws_access_key_id = AKIDPROFILE\naws_secret_access_key = s\n",
    )
    .unwrap();
    let mut config = fake.config();
    config.access_keys = None;
    config.profile = Some("ci".to_owned());
    config.shared_credentials_files = vec![file];
    assert!(ask(config).await.unwrap());
    assert!(fake.seen()[0].headers["authorization"].contains("AKIDPROFILE/"));
}

#[tokio::test]
async fn roles_are_assumed_one_on_top_of_the_other() {
    let fake = Fake::start(
        |seen| match seen.form().get("RoleArn").map(String::as_str) {
            Some("arn:aws:iam::1:role/one") => assumed("AssumeRole", "AKIDONE"),
            Some("arn:aws:iam::2:role/two") => assumed("AssumeRole", "AKIDTWO"),
            _ => active(),
        },
    )
    .await;
    let mut config = fake.config();
    let role = |arn: &str| AssumeRole {
        role_arn: arn.to_owned(),
        ..AssumeRole::default()
    };
    config.assume_role = vec![
        role("arn:aws:iam::1:role/one"),
        role("arn:aws:iam::2:role/two"),
    ];
    config.assume_role[1].external_id = Some("x-1".to_owned());
    assert!(ask(config).await.unwrap());
    let seen = fake.seen();
    let signed_by: Vec<_> = seen
        .iter()
        .map(|seen| seen.headers["authorization"].clone())
        .collect();
    assert_eq!(seen.len(), 3);
    for (signature, key) in signed_by
        .iter()
        .zip(["AKIDEXAMPLE/", "AKIDONE/", "AKIDTWO/"])
    {
        assert!(signature.contains(key), "{signature}");
    }
    assert_eq!(seen[0].form()["RoleSessionName"], "switchyard");
    assert_eq!(seen[1].form()["ExternalId"], "x-1");
}

#[tokio::test]
async fn a_role_that_may_not_be_assumed_is_denied_with_its_name() {
    let refusal =
        crate::fake::xml_error("AccessDenied", "not authorized to perform sts:AssumeRole");
    let fake = Fake::script([refusal]).await;
    let mut config = fake.config();
    config.assume_role = vec![AssumeRole {
        role_arn: "arn:aws:iam::1:role/one".to_owned(),
        ..AssumeRole::default()
    }];
    let error = ask(config).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Denied);
    assert!(
        error.message.contains("arn:aws:iam::1:role/one"),
        "{}",
        error.message
    );
    assert!(
        error.message.contains("not authorized to perform"),
        "{}",
        error.message
    );
}

/// Whatever assumes the role, in the words of AWS and ours and nobody else's.
#[tokio::test]
async fn a_refused_role_is_told_in_plain_words() {
    let refusal =
        crate::fake::xml_error("AccessDenied", "not authorized to perform sts:AssumeRole");
    let fake = Fake::script([refusal]).await;
    let mut config = fake.config();
    config.assume_role = vec![AssumeRole {
        role_arn: "arn:aws:iam::1:role/one".to_owned(),
        ..AssumeRole::default()
    }];
    let said = ask(config).await.unwrap_err().message;
    assert!(
        said.contains(
            "role arn:aws:iam::1:role/one could not be assumed: not authorized to perform sts:AssumeRole (AccessDenied). "
        ),
        "{said}"
    );
    for internal in ["unhandled", "service error", "Error {", "ErrorMetadata"] {
        assert!(!said.contains(internal), "{said}");
    }
}

#[tokio::test]
async fn credentials_of_a_role_that_cannot_be_sent_are_refused_by_name() {
    let role = "arn:aws:iam::1:role/one";
    for web in [false, true] {
        let action = if web {
            "AssumeRoleWithWebIdentity"
        } else {
            "AssumeRole"
        };
        let fake = Fake::script([assumed(action, "AKID&#10;ONE"), active()]).await;
        let mut config = fake.config();
        if web {
            config.access_keys = None;
            config.web_identity = Some(WebIdentity {
                role_arn: role.to_owned(),
                session_name: None,
                token: WebIdentityToken::Inline("jwt".to_owned().into()),
                duration: None,
                policy: None,
                policy_arns: Vec::new(),
            });
        } else {
            config.assume_role = vec![AssumeRole {
                role_arn: role.to_owned(),
                ..AssumeRole::default()
            }];
        }
        let error = ask(config).await.unwrap_err();
        assert_eq!(error.code, "InvalidCredentials", "{}", error.message);
        let from = if web { "from WebIdentity" } else { role };
        for part in ["the access key id from", from] {
            assert!(error.message.contains(part), "{}", error.message);
        }
        assert!(!error.message.contains("AKID"), "{}", error.message);
        assert_eq!(fake.seen().len(), 1, "nothing was signed with it");
    }
}

#[tokio::test]
async fn a_web_identity_token_is_exchanged() {
    let fake = Fake::script([assumed("AssumeRoleWithWebIdentity", "AKIDWEB"), active()]).await;
    let mut config = fake.config();
    config.access_keys = None;
    config.web_identity = Some(WebIdentity {
        role_arn: "arn:aws:iam::1:role/web".to_owned(),
        session_name: None,
        token: WebIdentityToken::Inline("jwt".to_owned().into()),
        duration: None,
        policy: None,
        policy_arns: Vec::new(),
    });
    assert!(ask(config).await.unwrap());
    let seen = fake.seen();
    assert_eq!(seen[0].form()["WebIdentityToken"], "jwt");
    assert!(seen[1].headers["authorization"].contains("AKIDWEB/"));
}

#[tokio::test]
async fn the_account_is_checked_once_before_the_first_call() {
    let fake = Fake::script([identity("123456789012"), active(), active()]).await;
    let mut config = fake.config();
    config.allowed_account_ids = ["123456789012".to_owned()].into();
    let ports = Aws::connect(config).ports(Arc::new(RealClock), Arc::new(NoProbes));
    // Each look counts: a plan would be shown the first one again.
    ports.services.apply_begins();
    assert!(ports.services.cluster_is_active("main").await.unwrap());
    assert!(ports.services.cluster_is_active("main").await.unwrap());
    let seen = fake.seen();
    assert_eq!(seen.len(), 3);
    assert_eq!(seen[0].form()["Action"], "GetCallerIdentity");
}

#[tokio::test]
async fn another_account_is_refused_before_anything_is_read() {
    for forbidden in [true, false] {
        let fake = Fake::script([identity("999999999999")]).await;
        let mut config = fake.config();
        match forbidden {
            true => config.forbidden_account_ids = ["999999999999".to_owned()].into(),
            false => config.allowed_account_ids = ["123456789012".to_owned()].into(),
        }
        let error = ask(config).await.unwrap_err();
        assert_eq!(
            (error.kind, error.code.as_str()),
            (ErrorKind::Denied, "AccountRefused")
        );
        assert!(error.message.contains("999999999999"));
        assert_eq!(fake.seen().len(), 1);
    }
}

#[tokio::test]
async fn throttling_is_repeated_and_then_reported() {
    let throttled = || json_error(400, "ThrottlingException", "Rate exceeded");
    let fake = Fake::script([throttled(), active(), throttled(), throttled()]).await;
    let mut config = fake.config();
    config.max_retries = Some(1);
    let ports = Aws::connect(config).ports(Arc::new(RealClock), Arc::new(NoProbes));
    // Each look counts: a plan would be shown the first one again.
    ports.services.apply_begins();
    assert!(ports.services.cluster_is_active("main").await.unwrap());
    let error = ports.services.cluster_is_active("main").await.unwrap_err();
    assert_eq!(
        (error.kind, error.message.as_str()),
        (ErrorKind::Throttled, "Rate exceeded")
    );
    assert_eq!(fake.seen().len(), 4);
}

#[tokio::test]
async fn a_lost_answer_is_a_timeout_and_a_closed_port_is_unavailable() {
    let fake = Fake::script([Reply::HangUp]).await;
    assert_eq!(
        ask(fake.config()).await.unwrap_err().kind,
        ErrorKind::Timeout
    );
    let fake = Fake::script([Reply::Silence]).await;
    let mut config = fake.config();
    config.attempt_timeout = std::time::Duration::from_millis(300);
    assert_eq!(ask(config).await.unwrap_err().kind, ErrorKind::Timeout);
    let closed = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let error = ask(crate::fake::config(&format!("http://{closed}")))
        .await
        .unwrap_err();
    assert_eq!(error.kind, ErrorKind::Unavailable);
    assert!(
        error.message.contains("cannot be reached"),
        "{}",
        error.message
    );
    assert!(
        error.message.starts_with(&format!(
            "The endpoint cannot be reached: http://{closed}: "
        )),
        "{}",
        error.message
    );
}

/// A web page.
fn page(status: u16, title: &str) -> Reply {
    let body = format!("<!doctype html>\n<html lang=en>\n<title>{title}</title>\n<h1>words</h1>");
    Reply::Http(status, "text/html; charset=utf-8", body.into_bytes())
}

/// An error without the code that errors of AWS have.
fn own_words(status: u16, body: &str) -> Reply {
    Reply::Http(status, "application/json", body.as_bytes().to_vec())
}

#[tokio::test]
async fn an_error_in_words_of_its_own_is_not_awss() {
    for (status, body, kind, said) in [
        (
            400,
            r#"{"error": {"message": "no such tenant"}}"#,
            ErrorKind::Unexpected,
            "HTTP 400: \"no such tenant\"",
        ),
        (
            403,
            "Forbidden by the gateway.",
            ErrorKind::Denied,
            "HTTP 403: \"Forbidden by the gateway\"",
        ),
        (
            503,
            r#"{"retry": 3}"#,
            ErrorKind::Unavailable,
            "HTTP 503: \"{\"retry\": 3}\"",
        ),
    ] {
        let fake = Fake::script([own_words(status, body)]).await;
        let error = ask(fake.config()).await.unwrap_err();
        assert_eq!(error.kind, kind, "{}", error.message);
        let words = format!(
            "The endpoint URL {} is not ECS: it returned {said}",
            fake.url
        );
        assert!(error.message.contains(&words), "{words}: {}", error.message);
    }
}

#[tokio::test]
async fn an_endpoint_without_the_service_is_named_with_what_it_said() {
    let licence = "The API for service 'ecs' is either not included in your current license plan or has not yet \
                   been emulated.";
    for (reply, said) in [
        (
            json_error(501, "InternalFailure", licence),
            "HTTP 501: \"The API for service 'ecs' is either not included",
        ),
        (
            page(404, "404 Not Found"),
            "HTTP 404 with a web page titled \"404 Not Found\"",
        ),
        (
            page(
                500,
                "NotImplementedError: The list_tasks action has not been implemented\n // Debugger",
            ),
            "HTTP 500 with a web page titled \"NotImplementedError: The list_tasks action",
        ),
        (
            own_words(400, r#"{"error": "Unsupported service: ecs"}"#),
            "HTTP 400: \"Unsupported service: ecs\"",
        ),
        (
            own_words(404, r#"{"detail": "Not Found"}"#),
            "HTTP 404: \"Not Found\"",
        ),
        (
            own_words(
                500,
                "NotImplementedError: The list_tasks action has not been implemented",
            ),
            "HTTP 500: \"NotImplementedError: The list_tasks action",
        ),
        (
            json_error(400, "InvalidAction", "Unknown ECS action: DescribeTaskSets"),
            "HTTP 400: \"Unknown ECS action: DescribeTaskSets\"",
        ),
    ] {
        let fake = Fake::script([reply]).await;
        let error = ask(fake.config()).await.unwrap_err();
        assert_eq!(error.kind, ErrorKind::Rejected, "{}", error.message);
        for words in [
            format!("The endpoint URL {} does not offer ECS", fake.url),
            said.to_owned(),
            "`endpoints = { ecs = \"URL\" }`".to_owned(),
        ] {
            assert!(error.message.contains(&words), "{words}: {}", error.message);
        }
    }
}

#[tokio::test]
async fn an_endpoint_without_a_service_of_another_protocol_is_named_too() {
    let cbor = crate::fake::cbor(
        501,
        &json!({"__type": "InternalFailure", "message": "not here"}),
    );
    for reply in [cbor, page(404, "404 Not Found")] {
        let fake = Fake::script([reply]).await;
        let alarms = fake.ports().alarms;
        let error = alarms.alarm_states(&["a".to_owned()]).await.unwrap_err();
        let words = format!("The endpoint URL {} does not offer CloudWatch", fake.url);
        assert!(error.message.starts_with(&words), "{}", error.message);
    }
    let unknown = "<ErrorResponse><Error><Code>InternalFailure</Code><Message>not here</Message></Error></ErrorResponse>";
    let fake = Fake::script([Reply::Http(501, "text/xml", unknown.as_bytes().to_vec())]).await;
    let routing = fake.ports().routing;
    let error = routing
        .find_target_groups(&["arn:tg".to_owned()])
        .await
        .unwrap_err();
    let words = format!(
        "The endpoint URL {} does not offer Elastic Load Balancing",
        fake.url
    );
    assert!(error.message.starts_with(&words), "{}", error.message);
    assert!(
        error.message.contains(": \"not here\""),
        "{}",
        error.message
    );
}

#[tokio::test]
async fn a_page_in_place_of_an_answer_is_not_aws() {
    for (status, kind) in [
        (200, ErrorKind::Unexpected),
        (302, ErrorKind::Unexpected),
        (403, ErrorKind::Denied),
        (502, ErrorKind::Unavailable),
        (503, ErrorKind::Unavailable),
        (504, ErrorKind::Timeout),
    ] {
        let fake = Fake::script([page(status, "Sign in to the network")]).await;
        let error = ask(fake.config()).await.unwrap_err();
        assert_eq!(error.kind, kind, "{status}: {}", error.message);
        let words = format!(
            "The endpoint URL {} is not ECS: it returned HTTP {status} with a web page titled \"Sign in to the \
             network\"",
            fake.url
        );
        assert!(error.message.starts_with(&words), "{}", error.message);
    }
}

#[tokio::test]
async fn a_write_answered_with_a_page_may_have_taken_effect() {
    for (status, kind) in [
        (200, ErrorKind::Timeout),
        (502, ErrorKind::Timeout),
        (403, ErrorKind::Denied),
        (404, ErrorKind::Rejected),
    ] {
        let fake = Fake::script([page(status, "Sign in")]).await;
        let service = switchyard_engine::ports::ServiceRef {
            cluster: "main".to_owned(),
            name: "web".to_owned(),
        };
        let scaling = fake.ports().scaling;
        let change = switchyard_engine::ports::TargetChange::default();
        let error = scaling.register_target(&service, &change).await;
        let error = error.unwrap_err();
        assert_eq!(error.kind, kind, "{status}: {}", error.message);
    }
}

#[tokio::test]
async fn a_host_of_aws_that_is_not_reached_is_named() {
    let closed = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let mut config = crate::fake::config("");
    config.endpoints.all = None;
    config.https_proxy = Some(format!("http://{closed}"));
    let error = ask(config).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Unavailable, "{}", error.message);
    assert!(
        error
            .message
            .starts_with("The endpoint cannot be reached: https://ecs.eu-west-1.amazonaws.com: "),
        "{}",
        error.message
    );
}

#[tokio::test]
async fn a_bad_certificate_bundle_fails_the_call_with_a_clear_text() {
    let mut config = crate::fake::config("https://127.0.0.1:1");
    let folder = tempfile::tempdir().unwrap();
    let bundle = folder.path().join("bundle.pem");
    config.custom_ca_bundle = Some(bundle.clone());
    let error = ask(config).await.unwrap_err();
    assert_eq!(
        (error.kind, error.code.as_str()),
        (ErrorKind::Rejected, "CertificateBundle")
    );
    assert!(
        error.message.contains(bundle.to_str().unwrap()),
        "{}",
        error.message
    );
}

#[tokio::test]
async fn a_plain_endpoint_never_looks_at_certificates() {
    let fake = Fake::script([active()]).await;
    let mut config = fake.config();
    let folder = tempfile::tempdir().unwrap();
    config.custom_ca_bundle = Some(folder.path().join("bundle.pem"));
    assert!(ask(config).await.unwrap());
}
