//! How to take away in AWS what no resource accounts for: Terraform cannot, because no resource of the configuration
//! manages it.

use serde_json::{Map, Value};

use super::whole::Whole;

/// One command of the AWS command line that takes all of it away; nothing when the gate does not know how. `is_alone`
/// when no resource makes a part of the attribute: a policy in whole can be deleted only then.
pub(super) fn undo(whole: &Whole<'_>, strangers: &[Value], is_alone: bool) -> Option<String> {
    if strangers.is_empty() {
        return None;
    }
    if is_alone
        && crate::plan::is_nothing(whole.before)
        && let Some(command) = delete(whole)
    {
        return Some(command);
    }
    let commands: Option<Vec<String>> = strangers.iter().map(|item| one(whole, item)).collect();
    commands.map(|commands| commands.join(" && "))
}

/// Deletes a policy in whole, where there was none.
fn delete(whole: &Whole<'_>) -> Option<String> {
    let name = |key: &str| whole.names.get(key)?.as_str().map(quoted);
    match (whole.resource_type, whole.attribute) {
        ("aws_s3_bucket", "policy") => Some(format!(
            "aws s3api delete-bucket-policy --bucket {}",
            name("bucket").or_else(|| name("id"))?
        )),
        ("aws_sqs_queue", "policy") => Some(format!(
            "aws sqs set-queue-attributes --queue-url {} --attributes Policy=",
            name("url").or_else(|| name("id"))?
        )),
        ("aws_secretsmanager_secret", "policy") => Some(format!(
            "aws secretsmanager delete-resource-policy --secret-id {}",
            name("arn").or_else(|| name("id"))?
        )),
        _ => None,
    }
}

fn one(whole: &Whole<'_>, item: &Value) -> Option<String> {
    let name = |key: &str| whole.names.get(key)?.as_str().map(quoted);
    let part = |key: &str| item.get(key)?.as_str().map(quoted);
    match (whole.resource_type, whole.attribute) {
        ("aws_iam_role", "managed_policy_arns") => Some(format!(
            "aws iam detach-role-policy --role-name {} --policy-arn {}",
            name("name")?,
            quoted(item.as_str()?)
        )),
        ("aws_iam_role", "inline_policy") => Some(format!(
            "aws iam delete-role-policy --role-name {} --policy-name {}",
            name("name")?,
            part("name")?
        )),
        (
            "aws_security_group" | "aws_default_security_group",
            direction @ ("ingress" | "egress"),
        ) => Some(format!(
            "aws ec2 revoke-security-group-{direction} --group-id {} --ip-permissions {}",
            name("id")?,
            quoted(&permission(item.as_object()?)?)
        )),
        ("aws_network_acl" | "aws_default_network_acl", direction @ ("ingress" | "egress")) => {
            Some(format!(
                "aws ec2 delete-network-acl-entry --network-acl-id {} --rule-number {} --{direction}",
                name("id")?,
                part("number")?
            ))
        }
        ("aws_vpc_endpoint_service", "allowed_principals") => Some(format!(
            "aws ec2 modify-vpc-endpoint-service-permissions --service-id {} --remove-allowed-principals {}",
            name("id")?,
            quoted(item.as_str()?)
        )),
        ("aws_route_table" | "aws_default_route_table", "route") => {
            let to = item.get("to")?.as_str()?;
            let option = if to.starts_with("pl-") {
                "--destination-prefix-list-id"
            } else if to.contains(':') {
                "--destination-ipv6-cidr-block"
            } else {
                "--destination-cidr-block"
            };
            Some(format!(
                "aws ec2 delete-route --route-table-id {} {option} {}",
                name("id")?,
                quoted(to)
            ))
        }
        _ => None,
    }
}

/// A permission of a security group in the words of the API.
fn permission(item: &Map<String, Value>) -> Option<String> {
    let text = |key: &str| item.get(key).and_then(Value::as_str);
    let protocol = match text("protocol")? {
        "all" => "-1",
        "null" => return None,
        protocol => protocol,
    };
    let source = if let Some(cidr) = text("cidr") {
        let (list, key) = if cidr.contains(':') {
            ("Ipv6Ranges", "CidrIpv6")
        } else {
            ("IpRanges", "CidrIp")
        };
        format!("{list}=[{{{key}={cidr}}}]")
    } else if let Some(list) = text("list") {
        format!("PrefixListIds=[{{PrefixListId={list}}}]")
    } else {
        let group = text("group")?;
        let group = group.rsplit_once('/').map_or(group, |(_, group)| group);
        format!("UserIdGroupPairs=[{{GroupId={group}}}]")
    };
    let ports = match (text("from"), text("to")) {
        (Some(from), Some(to)) if protocol != "-1" => format!("FromPort={from},ToPort={to},"),
        _ => String::new(),
    };
    Some(format!("IpProtocol={protocol},{ports}{source}"))
}

/// Quoted for a POSIX shell.
pub(crate) fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::Parts;
    use super::*;

    fn command(
        resource_type: &str,
        attribute: &str,
        names: &Value,
        before: &Value,
        after: &Value,
    ) -> Option<String> {
        let whole = Whole {
            resource_type,
            attribute,
            names: names.as_object().unwrap(),
            before,
            after,
        };
        let parts = Parts::default();
        parts.undo(&whole)
    }

    #[test]
    fn what_was_added_by_hand_is_taken_away_by_a_command() {
        let role = json!({"name": "app", "id": "app"});
        let group = json!({"id": "sg-1"});
        let rule = |protocol: &str, source: Value| {
            let mut rule =
                json!({"protocol": protocol, "from_port": 22, "to_port": 22, "self": false});
            rule.as_object_mut()
                .unwrap()
                .extend(source.as_object().unwrap().clone());
            json!([rule])
        };
        for (resource_type, attribute, names, after, expected) in [
            (
                "aws_iam_role",
                "managed_policy_arns",
                &role,
                json!(["a", "b"]),
                "aws iam detach-role-policy --role-name 'app' --policy-arn 'a' && aws iam detach-role-policy --role-name 'app' --policy-arn 'b'",
            ),
            (
                "aws_iam_role",
                "inline_policy",
                &role,
                json!([{"name": "x", "policy": "{\"a\":1}"}]),
                "aws iam delete-role-policy --role-name 'app' --policy-name 'x'",
            ),
            (
                "aws_security_group",
                "ingress",
                &group,
                rule("tcp", json!({"cidr_blocks": ["0.0.0.0/0"]})),
                "aws ec2 revoke-security-group-ingress --group-id 'sg-1' --ip-permissions 'IpProtocol=tcp,FromPort=22,ToPort=22,IpRanges=[{CidrIp=0.0.0.0/0}]'",
            ),
            (
                "aws_security_group",
                "egress",
                &group,
                rule("-1", json!({"ipv6_cidr_blocks": ["::/0"]})),
                "aws ec2 revoke-security-group-egress --group-id 'sg-1' --ip-permissions 'IpProtocol=-1,Ipv6Ranges=[{CidrIpv6=::/0}]'",
            ),
            (
                "aws_security_group",
                "ingress",
                &group,
                rule("udp", json!({"security_groups": ["sg-2"]})),
                "aws ec2 revoke-security-group-ingress --group-id 'sg-1' --ip-permissions 'IpProtocol=udp,FromPort=22,ToPort=22,UserIdGroupPairs=[{GroupId=sg-2}]'",
            ),
            (
                "aws_route_table",
                "route",
                &json!({"id": "rtb-1"}),
                json!([{"cidr_block": "0.0.0.0/0", "gateway_id": "igw-1"}]),
                "aws ec2 delete-route --route-table-id 'rtb-1' --destination-cidr-block '0.0.0.0/0'",
            ),
            (
                "aws_network_acl",
                "egress",
                &json!({"id": "acl-1"}),
                json!([{"rule_no": 90, "action": "allow", "protocol": "-1", "cidr_block": "0.0.0.0/0", "from_port": 0, "to_port": 0}]),
                "aws ec2 delete-network-acl-entry --network-acl-id 'acl-1' --rule-number '90' --egress",
            ),
            (
                "aws_vpc_endpoint_service",
                "allowed_principals",
                &json!({"id": "vpce-svc-1"}),
                json!(["*"]),
                "aws ec2 modify-vpc-endpoint-service-permissions --service-id 'vpce-svc-1' --remove-allowed-principals '*'",
            ),
            (
                "aws_s3_bucket",
                "policy",
                &json!({"bucket": "b"}),
                json!("{\"Statement\":{\"Effect\":\"Allow\"}}"),
                "aws s3api delete-bucket-policy --bucket 'b'",
            ),
            (
                "aws_sqs_queue",
                "policy",
                &json!({"url": "https://q"}),
                json!("{\"Statement\":{\"Effect\":\"Allow\"}}"),
                "aws sqs set-queue-attributes --queue-url 'https://q' --attributes Policy=",
            ),
            (
                "aws_secretsmanager_secret",
                "policy",
                &json!({"arn": "s"}),
                json!("{\"Statement\":{\"Effect\":\"Allow\"}}"),
                "aws secretsmanager delete-resource-policy --secret-id 's'",
            ),
        ] {
            let found = command(resource_type, attribute, names, &json!([]), &after);
            assert_eq!(found.as_deref(), Some(expected));
        }
    }

    #[test]
    fn what_the_gate_cannot_take_away_has_no_command() {
        let bucket = json!({"bucket": "b"});
        let (shut, open) = (
            json!("{\"Statement\":{\"Effect\":\"Deny\"}}"),
            json!("{\"Statement\":{\"Effect\":\"Allow\"}}"),
        );
        // Deleting a policy does not bring the one before it back.
        assert_eq!(
            command("aws_s3_bucket", "policy", &bucket, &shut, &open),
            None
        );
        let topic = json!({"arn": "t"});
        assert_eq!(
            command("aws_sns_topic", "policy", &topic, &json!(""), &open),
            None
        );
        // Nothing was added.
        let role = json!({"name": "app"});
        assert_eq!(
            command(
                "aws_iam_role",
                "managed_policy_arns",
                &role,
                &json!(["a"]),
                &json!([])
            ),
            None
        );
    }
}
