//! What may be a secret is in no report, whether Terraform marks it or not.

use serde_json::{Value, json};

use super::{FORMATS, drifted, gate, report};

/// A value that no shape gives away, and the places where people keep such values.
const SECRET: &str = "S3CR3T";

fn places() -> Vec<(&'static str, Value)> {
    let secret = || json!(format!("{SECRET}-0"));
    let entry = || json!([{"name": "P", "value": secret()}]);
    let document =
        |name: &str| json!(json!([{name: [{"name": "P", "value": secret()}]}]).to_string());
    let mut places = vec![
        (
            "aws_amplify_app",
            json!({"environment_variables": {"DB": secret()}}),
        ),
        (
            "aws_apprunner_service",
            json!({"source_configuration": [{"image_repository": [{"image_configuration": [
            {"runtime_environment_variables": {"P": secret()}}]}]}]}),
        ),
        (
            "aws_batch_job_definition",
            json!({"container_properties": document("environment")}),
        ),
        (
            "aws_codebuild_project",
            json!({"environment": [{"environment_variable": entry()}]}),
        ),
        (
            "aws_codepipeline",
            json!({"stage": [{"action": [{"configuration": {"OAuthToken": secret(), "Owner": secret()}}]}]}),
        ),
        (
            "aws_cognito_identity_provider",
            json!({"provider_details": {"client_secret": secret(), "x": secret()}}),
        ),
        (
            "aws_glue_job",
            json!({"default_arguments": {"--password": secret(), "--x": secret()}}),
        ),
        (
            "aws_elastic_beanstalk_environment",
            json!({"setting": [
            {"name": "DB", "namespace": "aws:elasticbeanstalk:application:environment", "value": secret()}]}),
        ),
        (
            "aws_cloudformation_stack",
            json!({"parameters": {"MasterUserPassword": secret(), "X": secret()}}),
        ),
        (
            "azurerm_linux_web_app",
            json!({"app_settings": {"API_KEY": secret(), "X": secret()}}),
        ),
        (
            "azurerm_container_app",
            json!({"template": [{"container": [{"env": entry()}]}]}),
        ),
        (
            "google_cloudfunctions_function",
            json!({"environment_variables": {"P": secret()}}),
        ),
        (
            "kubernetes_deployment",
            json!({"spec": [{"template": [{"spec": [{"container": [{"env": entry()}]}]}]}]}),
        ),
        (
            "aws_lambda_function",
            json!({"environment": [{"variables": {"P": secret()}}]}),
        ),
        (
            "aws_ecs_task_definition",
            json!({"container_definitions": document("environment")}),
        ),
        ("aws_instance", json!({"user_data": secret()})),
        (
            "aws_autoscaling_group",
            json!({"tag": [{"key": "password", "value": secret()}]}),
        ),
        ("aws_ssm_parameter", json!({"insecure_value": secret()})),
        (
            "aws_db_parameter_group",
            json!({"parameter": [{"name": "x", "value": secret()}]}),
        ),
        ("aws_imagebuilder_component", json!({"data": secret()})),
        (
            "aws_ecs_service",
            json!({"service_connect_configuration": [{"log_configuration": [
            {"options": {"splunk-token": secret()}}]}]}),
        ),
        (
            "aws_lb_listener",
            json!({"default_action": [{"authenticate_oidc": [
            {"client_secret": secret(), "client_id": "a"}]}]}),
        ),
        ("x_thing", json!({"tokens": [secret()]})),
        ("x_thing", json!({"secrets": {"A": secret()}})),
    ];
    for name in [
        "api_key",
        "client_secret",
        "access_key",
        "secret_access_key",
        "passphrase",
        "passwd",
        "dbPassword",
        "accessToken",
        "password_hash",
        "credentials",
        "admin_password",
        "private_key_pem",
    ] {
        places.push(("x_thing", json!({name: secret()})));
    }
    places
}

#[test]
fn secrets_without_a_mark_are_known_by_their_names() {
    for (resource_type, before) in places() {
        let other = before.to_string().replace("S3CR3T-0", "S3CR3T-1");
        let after: Value = serde_json::from_str(&other).unwrap();
        let changed = drifted(
            resource_type,
            before.clone(),
            after.clone(),
            Some(before.clone()),
        );
        let came = drifted(resource_type, json!({}), after, None);
        for plan in [changed, came] {
            assert_ne!(report(&plan).1["drift"], json!([]), "{plan}");
            for format in FORMATS {
                let (code, out, errors) = gate(plan.as_bytes(), &["--format", format]);
                assert_ne!(code, 1, "{errors}");
                assert!(
                    !out.contains(SECRET),
                    "{format}: {resource_type} {before}: {out}"
                );
            }
        }
    }
}

/// Put together here: keys in one piece are found by those who search repositories for keys.
fn key() -> String {
    ["ghp_", "aB3dE5fG7hI9jK1lM3nO5pQ7rS9tU1vW3xY5"].concat()
}

#[test]
fn secrets_are_known_by_their_shape_wherever_they_are() {
    let key = key();
    for (before, after) in [
        (json!({"endpoint": "a"}), json!({"endpoint": key})),
        (json!({"tags": {"a": "1"}}), json!({"tags": {"a": key}})),
        (json!({"list": ["a"]}), json!({"list": ["a", key]})),
        (
            json!({"policy": "{\"a\":1}"}),
            json!({"policy": format!("{{\"a\":\"{key}\"}}")}),
        ),
        (
            json!({"url": "a"}),
            json!({"url": format!("https://user:{key}@example.com/")}),
        ),
        (
            json!({"block": []}),
            json!({"block": [{"note": format!("use {key} here")}]}),
        ),
    ] {
        let plan = drifted("x_thing", before, after, None);
        for format in FORMATS {
            let (_, out, _) = gate(plan.as_bytes(), &["--format", format]);
            assert!(!out.contains(&key), "{format}: {out}");
        }
    }
}

#[test]
fn what_differs_is_named_also_when_its_value_is_not() {
    let plan = drifted(
        "aws_lambda_function",
        json!({"environment": [{"variables": {"DB": "a", "LEVEL": "x"}}]}),
        json!({"environment": [{"variables": {"DB": "b", "LEVEL": "x"}}]}),
        None,
    );
    let found = &report(&plan).1["drift"][0];
    assert_eq!(found["attribute"], "environment[0].variables.DB");
    assert_eq!(found["sensitive"], true);
    assert_eq!(
        (&found["before"], &found["after"]),
        (&Value::Null, &Value::Null)
    );
}

#[test]
fn what_is_no_secret_is_shown() {
    for (attribute, before, after) in [
        ("http_tokens", "required", "optional"),
        (
            "secret_arn",
            "arn:aws:secretsmanager:eu-west-1:123456789012:secret:a-AbCdEf",
            "arn:aws:secretsmanager:eu-west-1:123456789012:secret:b-AbCdEf",
        ),
        ("authorization", "AWS_IAM", "NONE"),
        (
            "image",
            "shop@sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
            "shop:latest",
        ),
        ("kms_key_id", "6f1ed002-ab5a-4b6a-8f5e-0123456789ab", ""),
    ] {
        let plan = drifted(
            "x_thing",
            json!({attribute: before}),
            json!({attribute: after}),
            None,
        );
        let found = &report(&plan).1["drift"][0];
        assert_eq!(
            (&found["sensitive"], &found["before"]),
            (&json!(false), &json!(before)),
            "{found}"
        );
    }
}

#[test]
fn no_command_holds_a_value_that_is_hidden() {
    let rule = |cidr: &str| json!({"protocol": "tcp", "from_port": 22, "to_port": 22, "cidr_blocks": [cidr]});
    let group = |rules: Vec<Value>| json!({"id": "sg-1", "ingress": rules});
    let added = group(vec![rule("10.0.0.0/8"), rule("203.0.113.7/32")]);
    let shown = drifted(
        "aws_security_group",
        group(vec![]),
        added.clone(),
        Some(added),
    );
    assert!(
        gate(shown.as_bytes(), &[])
            .1
            .contains("IpRanges=[{CidrIp=203.0.113.7/32}]")
    );
    for marks in [
        json!({"ingress": true}),
        json!({"ingress": [{}, {"cidr_blocks": [true]}]}),
    ] {
        let mut plan: Value = serde_json::from_str(&shown).unwrap();
        plan["resource_drift"][0]["change"]["after_sensitive"] = marks;
        for format in FORMATS {
            let (_, out, _) = gate(plan.to_string().as_bytes(), &["--format", format]);
            assert!(!out.contains("203.0.113.7"), "{format}: {out}");
        }
    }
}
