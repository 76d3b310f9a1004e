//! Listeners and their certificates.

use serde_json::{Value, json};

use super::attribute_rules::Owner;
use super::attributes::{self, Attributes};
use super::rules::Rule;
use super::{
    State, actions, described, done, listener_not_found, load_balancer_not_found, tags, usage,
};
use crate::error::ApiError;
use crate::input::Input;
use crate::state::State as World;

/// A listener. Its default actions live in its default rule.
#[derive(Clone, Debug)]
pub(super) struct Listener {
    pub(super) arn: String,
    pub(super) load_balancer: String,
    pub(super) port: u16,
    pub(super) protocol: String,
    /// ARN of the rule that applies when no other does.
    pub(super) default_rule: String,
    certificate: Option<String>,
    /// Further certificates, chosen by server name.
    more_certificates: Vec<String>,
    ssl_policy: Option<String>,
    alpn: Vec<String>,
    mutual_authentication: Option<Value>,
    attributes: Attributes,
}

fn secure(protocol: &str) -> bool {
    matches!(protocol, "HTTPS" | "TLS" | "QUIC")
}

fn find<'a>(state: &'a World, input: &Input) -> Result<&'a Listener, ApiError> {
    state
        .elbv2
        .listeners
        .get(&input.required("ListenerArn")?)
        .ok_or_else(listener_not_found)
}

fn find_mut<'a>(state: &'a mut World, input: &Input) -> Result<&'a mut Listener, ApiError> {
    state
        .elbv2
        .listeners
        .get_mut(&input.required("ListenerArn")?)
        .ok_or_else(listener_not_found)
}

fn port_of(input: &Input) -> Result<Option<u16>, ApiError> {
    Ok(input
        .number_in("Port", 1, 65_535)?
        .and_then(|port| u16::try_from(port).ok()))
}

fn certificate_of(input: &Input) -> Result<Option<String>, ApiError> {
    input
        .objects("Certificates")?
        .first()
        .map(|certificate| certificate.required("CertificateArn"))
        .transpose()
}

pub(super) fn create(state: &mut World, input: &Input) -> Result<Value, ApiError> {
    let balancer_arn = input.required("LoadBalancerArn")?;
    let balancer = state
        .elbv2
        .load_balancers
        .get(&balancer_arn)
        .ok_or_else(|| load_balancer_not_found(&balancer_arn))?;
    let (tail, kind) = (balancer.tail.clone(), balancer.kind.clone());
    let port = port_of(input)?.ok_or_else(|| input.refuse("A port must be specified"))?;
    let protocol = input
        .text("Protocol")?
        .filter(|protocol| !protocol.is_empty())
        .unwrap_or_else(|| if kind == "application" { "HTTP" } else { "TCP" }.to_owned());
    let fits = if kind == "application" {
        matches!(protocol.as_str(), "HTTP" | "HTTPS")
    } else {
        !matches!(protocol.as_str(), "HTTP" | "HTTPS")
    };
    if !fits {
        return Err(input.refuse(format!(
            "Protocol '{protocol}' is not supported by load balancers of type {kind}"
        )));
    }
    check_port_free(state, &balancer_arn, port, None)?;
    let certificate = certificate_of(input)?;
    if secure(&protocol) && certificate.is_none() {
        return Err(ApiError::new(
            "CertificateNotFound",
            "A certificate must be specified for secure listeners",
        ));
    }
    let default_actions = actions::read(&state.elbv2, input, "DefaultActions")?;
    usage::check_exclusive(state, &balancer_arn, &default_actions)?;
    actions::check_loops(&default_actions, &protocol, port)?;

    let id = state.ids.hex(16);
    let arn = state.arn("elasticloadbalancing", &format!("listener/{tail}/{id}"));
    let rule_id = state.ids.hex(16);
    let rule_arn = state.arn(
        "elasticloadbalancing",
        &format!("listener-rule/{tail}/{id}/{rule_id}"),
    );
    let listener = Listener {
        arn: arn.clone(),
        load_balancer: balancer_arn,
        port,
        default_rule: rule_arn.clone(),
        certificate,
        more_certificates: Vec::new(),
        ssl_policy: input
            .text("SslPolicy")?
            .or_else(|| secure(&protocol).then(|| "ELBSecurityPolicy-2016-08".to_owned())),
        alpn: input.texts("AlpnPolicy")?.unwrap_or_default(),
        mutual_authentication: input
            .value("MutualAuthentication")
            .cloned()
            .or_else(|| (protocol == "HTTPS").then(|| json!({ "Mode": "off" }))),
        attributes: attributes::of_listener(&protocol),
        protocol,
    };
    let tags = tags::of_input(input)?;
    let elbv2 = &mut state.elbv2;
    elbv2.listeners.insert(arn.clone(), listener);
    elbv2.rules.insert(
        rule_arn.clone(),
        Rule {
            arn: rule_arn,
            listener: arn.clone(),
            priority: None,
            conditions: Vec::new(),
            actions: default_actions,
            transforms: None,
        },
    );
    elbv2.tags.insert(arn.clone(), tags);
    usage::refresh(state);
    rendered(state, &arn)
}

fn check_port_free(
    state: &World,
    balancer: &str,
    port: u16,
    but: Option<&str>,
) -> Result<(), ApiError> {
    let taken = state.elbv2.listeners.values().any(|known| {
        known.load_balancer == balancer && known.port == port && Some(known.arn.as_str()) != but
    });
    if taken {
        return Err(ApiError::new(
            "DuplicateListener",
            format!("A listener already exists on this port for this load balancer '{balancer}'"),
        ));
    }
    Ok(())
}

fn rendered(state: &World, arn: &str) -> Result<Value, ApiError> {
    let listener = state
        .elbv2
        .listeners
        .get(arn)
        .ok_or_else(listener_not_found)?;
    Ok(json!({ "Listeners": [render(&state.elbv2, listener)] }))
}

fn render(state: &State, listener: &Listener) -> Value {
    let default_actions = state
        .rules
        .get(&listener.default_rule)
        .map(|rule| actions::render(&rule.actions))
        .unwrap_or_default();
    let mut rendered = json!({
        "ListenerArn": listener.arn,
        "LoadBalancerArn": listener.load_balancer,
        "Port": listener.port,
        "Protocol": listener.protocol,
        "DefaultActions": default_actions,
    });
    if let Value::Object(members) = &mut rendered {
        if let Some(certificate) = &listener.certificate {
            members.insert(
                "Certificates".to_owned(),
                json!([{ "CertificateArn": certificate }]),
            );
        }
        if let Some(policy) = &listener.ssl_policy {
            members.insert("SslPolicy".to_owned(), json!(policy));
        }
        if !listener.alpn.is_empty() {
            members.insert("AlpnPolicy".to_owned(), json!(listener.alpn));
        }
        if let Some(mutual) = &listener.mutual_authentication {
            members.insert("MutualAuthentication".to_owned(), mutual.clone());
        }
    }
    rendered
}

pub(super) fn describe(state: &World, input: &Input) -> Result<Value, ApiError> {
    let elbv2 = &state.elbv2;
    let found: Vec<&Listener> =
        if let Some(arns) = input.texts("ListenerArns")?.filter(|arns| !arns.is_empty()) {
            arns.iter()
                .map(|arn| elbv2.listeners.get(arn).ok_or_else(listener_not_found))
                .collect::<Result<_, _>>()?
        } else {
            let balancer = input.required("LoadBalancerArn")?;
            if !elbv2.load_balancers.contains_key(&balancer) {
                return Err(load_balancer_not_found(&balancer));
            }
            elbv2
                .listeners
                .values()
                .filter(|listener| listener.load_balancer == balancer)
                .collect()
        };
    let rendered: Vec<Value> = found
        .into_iter()
        .map(|listener| render(elbv2, listener))
        .collect();
    described(input, "Listeners", &rendered)
}

pub(super) fn modify(state: &mut World, input: &Input) -> Result<Value, ApiError> {
    let listener = find(state, input)?;
    let (arn, balancer, default_rule) = (
        listener.arn.clone(),
        listener.load_balancer.clone(),
        listener.default_rule.clone(),
    );
    let port = port_of(input)?;
    if let Some(port) = port {
        check_port_free(state, &balancer, port, Some(&arn))?;
    }
    let default_actions = if input.has("DefaultActions") {
        let default_actions = actions::read(&state.elbv2, input, "DefaultActions")?;
        usage::check_exclusive(state, &balancer, &default_actions)?;
        let (protocol, port) = (input.text("Protocol")?, port.unwrap_or(listener.port));
        let protocol = protocol.as_deref().unwrap_or(&listener.protocol);
        actions::check_loops(&default_actions, protocol, port)?;
        Some(default_actions)
    } else {
        None
    };
    let certificate = certificate_of(input)?;
    let listener = find_mut(state, input)?;
    if let Some(port) = port {
        listener.port = port;
    }
    if let Some(protocol) = input.text("Protocol")? {
        if secure(&protocol) && listener.ssl_policy.is_none() {
            listener.ssl_policy = Some("ELBSecurityPolicy-2016-08".to_owned());
        }
        if !secure(&protocol) {
            listener.ssl_policy = None;
            listener.certificate = None;
            listener.mutual_authentication = None;
        }
        listener.protocol = protocol;
    }
    if let Some(policy) = input.text("SslPolicy")? {
        listener.ssl_policy = Some(policy);
    }
    if certificate.is_some() {
        listener.certificate = certificate;
    }
    if let Some(alpn) = input.texts("AlpnPolicy")? {
        listener.alpn = alpn;
    }
    if let Some(mutual) = input.value("MutualAuthentication") {
        listener.mutual_authentication = Some(mutual.clone());
    }
    if let Some(default_actions) = default_actions {
        if let Some(rule) = state.elbv2.rules.get_mut(&default_rule) {
            rule.actions = default_actions;
        }
        usage::refresh(state);
    }
    rendered(state, &arn)
}

/// Takes a listener and its rules away.
pub(super) fn remove(state: &mut State, arn: &str) {
    state.listeners.remove(arn);
    state.tags.remove(arn);
    let gone: Vec<String> = state
        .rules
        .values()
        .filter(|rule| rule.listener == arn)
        .map(|rule| rule.arn.clone())
        .collect();
    for rule in gone {
        state.rules.remove(&rule);
        state.tags.remove(&rule);
    }
}

pub(super) fn delete(state: &mut World, input: &Input) -> Result<Value, ApiError> {
    let arn = find(state, input)?.arn.clone();
    remove(&mut state.elbv2, &arn);
    usage::refresh(state);
    done()
}

pub(super) fn describe_attributes(state: &World, input: &Input) -> Result<Value, ApiError> {
    Ok(attributes::listed(&find(state, input)?.attributes))
}

pub(super) fn modify_attributes(state: &mut World, input: &Input) -> Result<Value, ApiError> {
    let listener = find_mut(state, input)?;
    attributes::modify(&mut listener.attributes, Owner::Listener, input)?;
    Ok(attributes::listed(&listener.attributes))
}

fn certificates_of(input: &Input) -> Result<Vec<String>, ApiError> {
    input
        .objects("Certificates")?
        .iter()
        .map(|certificate| certificate.required("CertificateArn"))
        .collect()
}

pub(super) fn add_certificates(state: &mut World, input: &Input) -> Result<Value, ApiError> {
    let added = certificates_of(input)?;
    let listener = find_mut(state, input)?;
    for arn in &added {
        if !listener.more_certificates.contains(arn) {
            listener.more_certificates.push(arn.clone());
        }
    }
    let rendered: Vec<Value> = added
        .iter()
        .map(|arn| json!({ "CertificateArn": arn, "IsDefault": false }))
        .collect();
    Ok(json!({ "Certificates": rendered }))
}

pub(super) fn remove_certificates(state: &mut World, input: &Input) -> Result<Value, ApiError> {
    let removed = certificates_of(input)?;
    let listener = find_mut(state, input)?;
    listener
        .more_certificates
        .retain(|arn| !removed.contains(arn));
    done()
}

pub(super) fn describe_certificates(state: &World, input: &Input) -> Result<Value, ApiError> {
    let listener = find(state, input)?;
    let default = listener
        .certificate
        .iter()
        .map(|arn| json!({ "CertificateArn": arn, "IsDefault": true }));
    let more = listener
        .more_certificates
        .iter()
        .map(|arn| json!({ "CertificateArn": arn, "IsDefault": false }));
    let all: Vec<Value> = default.chain(more).collect();
    described(input, "Certificates", &all)
}
