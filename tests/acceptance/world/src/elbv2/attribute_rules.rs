//! Which attributes there are, and what each may be.

/// Whose attribute it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Owner {
    LoadBalancer,
    TargetGroup,
    Listener,
}

/// What a value may be.
#[derive(Clone, Copy, Debug)]
enum Values {
    /// `true` or `false`.
    Switch,
    /// A whole number from the first to the second.
    Whole(u32, u32),
    /// `0`, or a whole number from the first to the second.
    ZeroOr(u32, u32),
    /// `off`, or a whole number from the first to the second.
    OffOr(u32, u32),
    Words(&'static [&'static str]),
    Text,
}

use Values::{OffOr, Switch, Text, Whole, Words, ZeroOr};

const LOAD_BALANCER: &[(&str, Values)] = &[
    ("access_logs.s3.bucket", Text),
    ("access_logs.s3.enabled", Switch),
    ("access_logs.s3.prefix", Text),
    ("client_keep_alive.seconds", Whole(60, 604_800)),
    ("connection_logs.s3.bucket", Text),
    ("connection_logs.s3.enabled", Switch),
    ("connection_logs.s3.prefix", Text),
    ("deletion_protection.enabled", Switch),
    (
        "dns_record.client_routing_policy",
        Words(&[
            "availability_zone_affinity",
            "partial_availability_zone_affinity",
            "any_availability_zone",
        ]),
    ),
    ("health_check_logs.s3.bucket", Text),
    ("health_check_logs.s3.enabled", Switch),
    ("health_check_logs.s3.prefix", Text),
    ("idle_timeout.timeout_seconds", Whole(1, 4_000)),
    ("ipv6.deny_all_igw_traffic", Switch),
    ("load_balancing.cross_zone.enabled", Switch),
    (
        "routing.http.desync_mitigation_mode",
        Words(&["monitor", "defensive", "strictest"]),
    ),
    ("routing.http.drop_invalid_header_fields.enabled", Switch),
    ("routing.http.preserve_host_header.enabled", Switch),
    ("routing.http.x_amzn_tls_kx.enabled", Switch),
    (
        "routing.http.x_amzn_tls_version_and_cipher_suite.enabled",
        Switch,
    ),
    ("routing.http.xff_client_port.enabled", Switch),
    (
        "routing.http.xff_header_processing.mode",
        Words(&["append", "preserve", "remove"]),
    ),
    ("routing.http2.enabled", Switch),
    ("secondary_ips.auto_assigned.per_subnet", Whole(0, 7)),
    ("waf.fail_open.enabled", Switch),
    ("zonal_shift.config.enabled", Switch),
];

const TARGET_GROUP: &[(&str, Values)] = &[
    (
        "deregistration_delay.connection_termination.enabled",
        Switch,
    ),
    ("deregistration_delay.timeout_seconds", Whole(0, 3_600)),
    ("lambda.multi_value_headers.enabled", Switch),
    (
        "load_balancing.algorithm.anomaly_mitigation",
        Words(&["on", "off"]),
    ),
    (
        "load_balancing.algorithm.type",
        Words(&[
            "round_robin",
            "least_outstanding_requests",
            "weighted_random",
        ]),
    ),
    (
        "load_balancing.cross_zone.enabled",
        Words(&["true", "false", "use_load_balancer_configuration"]),
    ),
    ("preserve_client_ip.enabled", Switch),
    ("proxy_protocol_v2.enabled", Switch),
    ("routing.http2.rst_stream_error_forwarding.enabled", Switch),
    ("send_tcp_reset.on_deregistration.enabled", Switch),
    ("send_tcp_reset.on_unhealthy.enabled", Switch),
    ("slow_start.duration_seconds", ZeroOr(30, 900)),
    ("stickiness.app_cookie.cookie_name", Text),
    ("stickiness.app_cookie.duration_seconds", Whole(1, 604_800)),
    ("stickiness.enabled", Switch),
    ("stickiness.lb_cookie.duration_seconds", Whole(1, 604_800)),
    (
        "stickiness.type",
        Words(&[
            "lb_cookie",
            "app_cookie",
            "source_ip",
            "source_ip_dest_ip",
            "source_ip_dest_ip_proto",
        ]),
    ),
    (
        "target_failover.on_deregistration",
        Words(&["rebalance", "no_rebalance"]),
    ),
    (
        "target_failover.on_unhealthy",
        Words(&["rebalance", "no_rebalance"]),
    ),
    (
        "target_group_health.dns_failover.minimum_healthy_targets.count",
        OffOr(1, u32::MAX),
    ),
    (
        "target_group_health.dns_failover.minimum_healthy_targets.percentage",
        OffOr(1, 100),
    ),
    (
        "target_group_health.unhealthy_state_routing.minimum_healthy_targets.count",
        Whole(1, u32::MAX),
    ),
    (
        "target_group_health.unhealthy_state_routing.minimum_healthy_targets.percentage",
        OffOr(1, 100),
    ),
    (
        "target_health_state.unhealthy.connection_termination.enabled",
        Switch,
    ),
    (
        "target_health_state.unhealthy.draining_interval_seconds",
        Whole(0, 360_000),
    ),
    (
        "waf.http2.traffic_inspection_behavior",
        Words(&["inspect_immediately", "inspect_after_sufficient_data"]),
    ),
];

const LISTENER: &[(&str, Values)] = &[
    (
        "routing.http.request.x_amzn_mtls_clientcert.header_name",
        Text,
    ),
    (
        "routing.http.request.x_amzn_mtls_clientcert_issuer.header_name",
        Text,
    ),
    (
        "routing.http.request.x_amzn_mtls_clientcert_leaf.header_name",
        Text,
    ),
    (
        "routing.http.request.x_amzn_mtls_clientcert_serial_number.header_name",
        Text,
    ),
    (
        "routing.http.request.x_amzn_mtls_clientcert_subject.header_name",
        Text,
    ),
    (
        "routing.http.request.x_amzn_mtls_clientcert_validity.header_name",
        Text,
    ),
    (
        "routing.http.request.x_amzn_tls_cipher_suite.header_name",
        Text,
    ),
    ("routing.http.request.x_amzn_tls_version.header_name", Text),
    (
        "routing.http.response.access_control_allow_credentials.header_value",
        Text,
    ),
    (
        "routing.http.response.access_control_allow_headers.header_value",
        Text,
    ),
    (
        "routing.http.response.access_control_allow_methods.header_value",
        Text,
    ),
    (
        "routing.http.response.access_control_allow_origin.header_value",
        Text,
    ),
    (
        "routing.http.response.access_control_expose_headers.header_value",
        Text,
    ),
    (
        "routing.http.response.access_control_max_age.header_value",
        Text,
    ),
    (
        "routing.http.response.content_security_policy.header_value",
        Text,
    ),
    ("routing.http.response.server.enabled", Switch),
    (
        "routing.http.response.strict_transport_security.header_value",
        Text,
    ),
    (
        "routing.http.response.x_content_type_options.header_value",
        Text,
    ),
    ("routing.http.response.x_frame_options.header_value", Text),
    ("send_tcp_reset.on_idle_timeout.enabled", Switch),
    ("tcp.idle_timeout.seconds", Whole(60, 6_000)),
];

/// Whether `key` may be `value`; the error is AWS's message.
pub(super) fn check(owner: Owner, key: &str, value: &str) -> Result<(), String> {
    let (table, name) = match owner {
        Owner::LoadBalancer => (LOAD_BALANCER, "Load balancer"),
        Owner::TargetGroup => (TARGET_GROUP, "Target group"),
        Owner::Listener => (LISTENER, "Listener"),
    };
    let Some((_, values)) = table.iter().find(|(known, _)| *known == key) else {
        return Err(format!("{name} attribute key '{key}' is not recognized"));
    };
    let within = |low: u32, high: u32| {
        let number = value.parse::<u32>();
        number.is_ok_and(|number| (low..=high).contains(&number))
    };
    let fits = match *values {
        Switch => matches!(value, "true" | "false"),
        Whole(low, high) => within(low, high),
        ZeroOr(low, high) => value == "0" || within(low, high),
        OffOr(low, high) => value == "off" || within(low, high),
        Words(words) => words.contains(&value),
        Text => true,
    };
    if fits {
        Ok(())
    } else {
        Err(format!("The value of '{key}' is not valid: '{value}'"))
    }
}

#[cfg(test)]
mod tests {
    use super::super::attributes::{of_listener, of_load_balancer, of_target_group};
    use super::*;

    #[test]
    fn every_default_is_allowed() {
        let balancers = ["application", "network"].map(of_load_balancer);
        let listeners = ["TCP", "HTTP", "HTTPS"].map(of_listener);
        let groups = [("HTTP", "ip"), ("TCP", "instance"), ("", "lambda")]
            .map(|(protocol, kind)| of_target_group(protocol, kind));
        for (owner, attributes) in balancers
            .map(|of| (Owner::LoadBalancer, of))
            .into_iter()
            .chain(listeners.map(|of| (Owner::Listener, of)))
            .chain(groups.map(|of| (Owner::TargetGroup, of)))
        {
            for (key, value) in attributes {
                assert_eq!(check(owner, &key, &value), Ok(()));
            }
        }
    }
}
