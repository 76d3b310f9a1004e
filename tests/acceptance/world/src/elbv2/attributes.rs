//! Attributes: the key/value settings of load balancers, listeners and target groups, with AWS's defaults.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::attribute_rules::{self, Owner};
use crate::error::ApiError;
use crate::input::Input;

/// Attributes by key.
pub(super) type Attributes = BTreeMap<String, String>;

fn table(rows: &[(&str, &str)]) -> Attributes {
    rows.iter()
        .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
        .collect()
}

/// A new load balancer's attributes; `kind` is `application` or `network`.
pub(super) fn of_load_balancer(kind: &str) -> Attributes {
    let mut attributes = table(&[
        ("deletion_protection.enabled", "false"),
        ("access_logs.s3.enabled", "false"),
        ("access_logs.s3.bucket", ""),
        ("access_logs.s3.prefix", ""),
    ]);
    if kind == "application" {
        attributes.extend(table(&[
            ("load_balancing.cross_zone.enabled", "true"),
            ("idle_timeout.timeout_seconds", "60"),
            ("routing.http2.enabled", "true"),
            ("routing.http.drop_invalid_header_fields.enabled", "false"),
            ("routing.http.xff_client_port.enabled", "false"),
            ("routing.http.preserve_host_header.enabled", "false"),
            ("routing.http.xff_header_processing.mode", "append"),
            ("routing.http.desync_mitigation_mode", "defensive"),
            (
                "routing.http.x_amzn_tls_version_and_cipher_suite.enabled",
                "false",
            ),
            ("client_keep_alive.seconds", "3600"),
            ("waf.fail_open.enabled", "false"),
            ("connection_logs.s3.enabled", "false"),
            ("connection_logs.s3.bucket", ""),
            ("connection_logs.s3.prefix", ""),
            ("zonal_shift.config.enabled", "false"),
        ]));
    } else {
        attributes.extend(table(&[
            ("load_balancing.cross_zone.enabled", "false"),
            ("dns_record.client_routing_policy", "any_availability_zone"),
            ("zonal_shift.config.enabled", "false"),
        ]));
    }
    attributes
}

/// A new listener's attributes.
pub(super) fn of_listener(protocol: &str) -> Attributes {
    match protocol {
        "TCP" => table(&[("tcp.idle_timeout.seconds", "350")]),
        "HTTP" | "HTTPS" => {
            let mut attributes = table(&[
                ("routing.http.response.server.enabled", "true"),
                (
                    "routing.http.response.strict_transport_security.header_value",
                    "",
                ),
                (
                    "routing.http.response.access_control_allow_origin.header_value",
                    "",
                ),
                (
                    "routing.http.response.access_control_allow_methods.header_value",
                    "",
                ),
                (
                    "routing.http.response.access_control_allow_headers.header_value",
                    "",
                ),
                (
                    "routing.http.response.access_control_allow_credentials.header_value",
                    "",
                ),
                (
                    "routing.http.response.access_control_expose_headers.header_value",
                    "",
                ),
                (
                    "routing.http.response.access_control_max_age.header_value",
                    "",
                ),
                (
                    "routing.http.response.content_security_policy.header_value",
                    "",
                ),
                (
                    "routing.http.response.x_content_type_options.header_value",
                    "",
                ),
                ("routing.http.response.x_frame_options.header_value", ""),
            ]);
            if protocol == "HTTPS" {
                attributes.extend(table(&[
                    (
                        "routing.http.request.x_amzn_mtls_clientcert_serial_number.header_name",
                        "X-Amzn-Mtls-Clientcert-Serial-Number",
                    ),
                    (
                        "routing.http.request.x_amzn_mtls_clientcert_issuer.header_name",
                        "X-Amzn-Mtls-Clientcert-Issuer",
                    ),
                    (
                        "routing.http.request.x_amzn_mtls_clientcert_subject.header_name",
                        "X-Amzn-Mtls-Clientcert-Subject",
                    ),
                    (
                        "routing.http.request.x_amzn_mtls_clientcert_validity.header_name",
                        "X-Amzn-Mtls-Clientcert-Validity",
                    ),
                    (
                        "routing.http.request.x_amzn_mtls_clientcert_leaf.header_name",
                        "X-Amzn-Mtls-Clientcert-Leaf",
                    ),
                    (
                        "routing.http.request.x_amzn_mtls_clientcert.header_name",
                        "X-Amzn-Mtls-Clientcert",
                    ),
                    (
                        "routing.http.request.x_amzn_tls_version.header_name",
                        "X-Amzn-Tls-Version",
                    ),
                    (
                        "routing.http.request.x_amzn_tls_cipher_suite.header_name",
                        "X-Amzn-Tls-Cipher-Suite",
                    ),
                ]));
            }
            attributes
        }
        _ => Attributes::new(),
    }
}

/// A new target group's attributes; they differ with the load balancer its protocol belongs to.
pub(super) fn of_target_group(protocol: &str, target_type: &str) -> Attributes {
    if target_type == "lambda" {
        return table(&[("lambda.multi_value_headers.enabled", "false")]);
    }
    let mut attributes = table(&[
        ("deregistration_delay.timeout_seconds", "300"),
        ("stickiness.enabled", "false"),
        (
            "load_balancing.cross_zone.enabled",
            "use_load_balancer_configuration",
        ),
        (
            "target_group_health.dns_failover.minimum_healthy_targets.count",
            "1",
        ),
        (
            "target_group_health.dns_failover.minimum_healthy_targets.percentage",
            "off",
        ),
        (
            "target_group_health.unhealthy_state_routing.minimum_healthy_targets.count",
            "1",
        ),
        (
            "target_group_health.unhealthy_state_routing.minimum_healthy_targets.percentage",
            "off",
        ),
    ]);
    if matches!(protocol, "HTTP" | "HTTPS") {
        attributes.extend(table(&[
            ("stickiness.type", "lb_cookie"),
            ("stickiness.lb_cookie.duration_seconds", "86400"),
            ("stickiness.app_cookie.cookie_name", ""),
            ("stickiness.app_cookie.duration_seconds", "86400"),
            ("slow_start.duration_seconds", "0"),
            ("load_balancing.algorithm.type", "round_robin"),
            ("load_balancing.algorithm.anomaly_mitigation", "off"),
        ]));
    } else {
        let keeps_client_address =
            target_type == "instance" || matches!(protocol, "UDP" | "TCP_UDP");
        attributes.extend(table(&[
            ("stickiness.type", "source_ip"),
            ("proxy_protocol_v2.enabled", "false"),
            (
                "preserve_client_ip.enabled",
                if keeps_client_address {
                    "true"
                } else {
                    "false"
                },
            ),
            (
                "deregistration_delay.connection_termination.enabled",
                "false",
            ),
            (
                "target_health_state.unhealthy.connection_termination.enabled",
                "true",
            ),
            (
                "target_health_state.unhealthy.draining_interval_seconds",
                "0",
            ),
        ]));
    }
    attributes
}

/// Attributes as the answers list them.
pub(super) fn listed(attributes: &Attributes) -> Value {
    let rows: Vec<Value> = attributes
        .iter()
        .map(|(key, value)| json!({ "Key": key, "Value": value }))
        .collect();
    json!({ "Attributes": rows })
}

/// Writes the call's `Attributes` over `attributes`, all of them or none.
pub(super) fn modify(
    attributes: &mut Attributes,
    owner: Owner,
    input: &Input,
) -> Result<(), ApiError> {
    let mut sent = Attributes::new();
    for attribute in input.objects("Attributes")? {
        let key = attribute.required("Key")?;
        let value = attribute.text("Value")?.unwrap_or_default();
        if let Err(reason) = attribute_rules::check(owner, &key, &value) {
            return Err(input.refuse(reason));
        }
        if sent.insert(key.clone(), value).is_some() {
            return Err(input.refuse(format!("Attribute key '{key}' is specified more than once")));
        }
    }
    attributes.extend(sent);
    Ok(())
}

/// The security policies a listener may name.
pub(super) fn ssl_policies() -> Value {
    let policies: Vec<Value> = [
        "ELBSecurityPolicy-2016-08",
        "ELBSecurityPolicy-TLS13-1-2-2021-06",
        "ELBSecurityPolicy-TLS13-1-2-Res-2021-06",
        "ELBSecurityPolicy-TLS13-1-3-2021-06",
        "ELBSecurityPolicy-FS-1-2-Res-2020-10",
    ]
    .iter()
    .map(|name| {
        json!({
            "Name": name,
            "SslProtocols": ["TLSv1.2", "TLSv1.3"],
            "Ciphers": [{ "Name": "TLS_AES_128_GCM_SHA256", "Priority": 1 }],
            "SupportedLoadBalancerTypes": ["application", "network"],
        })
    })
    .collect();
    json!({ "SslPolicies": policies })
}
