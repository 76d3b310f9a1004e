//! JSON trees as AWS's query-protocol XML.

use serde_json::Value;

use super::names;

/// The body of a successful answer.
///
/// Operations without output have no result element (CloudWatch's writes); `result` says so.
pub(crate) fn response(
    operation: &str,
    namespace: &str,
    result: Option<&Value>,
    request_id: &str,
) -> String {
    let mut xml = format!("<{operation}Response xmlns=\"{namespace}\">");
    if let Some(result) = result {
        element(&mut xml, &format!("{operation}Result"), result);
    }
    xml.push_str("<ResponseMetadata><RequestId>");
    escape(&mut xml, request_id);
    xml.push_str("</RequestId></ResponseMetadata>");
    xml.push_str(&format!("</{operation}Response>"));
    xml
}

/// The body of a successful answer of EC2: the members are in the root, and each entry of a list is an `item`.
pub(crate) fn ec2_response(operation: &str, output: &Value, request_id: &str) -> String {
    const NAMESPACE: &str = "http://ec2.amazonaws.com/doc/2016-11-15/";
    let mut xml = format!("<{operation}Response xmlns=\"{NAMESPACE}\">");
    text_element(&mut xml, "requestId", request_id);
    for (name, value) in output.as_object().into_iter().flatten() {
        ec2_element(&mut xml, name, value);
    }
    xml.push_str(&format!("</{operation}Response>"));
    xml
}

fn ec2_element(xml: &mut String, name: &str, value: &Value) {
    xml.push_str(&format!("<{name}>"));
    match value {
        Value::Array(entries) => {
            for entry in entries {
                ec2_element(xml, "item", entry);
            }
        }
        Value::Object(members) => {
            for (name, value) in members {
                ec2_element(xml, name, value);
            }
        }
        Value::String(text) => escape(xml, text),
        Value::Null => {}
        Value::Bool(_) | Value::Number(_) => escape(xml, &value.to_string()),
    }
    xml.push_str(&format!("</{name}>"));
}

/// The body of a failed answer.
pub(crate) fn error(
    namespace: &str,
    sender_fault: bool,
    code: &str,
    message: &str,
    request_id: &str,
) -> String {
    let mut xml = format!("<ErrorResponse xmlns=\"{namespace}\"><Error><Type>");
    xml.push_str(if sender_fault { "Sender" } else { "Receiver" });
    xml.push_str("</Type>");
    text_element(&mut xml, "Code", code);
    text_element(&mut xml, "Message", message);
    xml.push_str("</Error>");
    text_element(&mut xml, "RequestId", request_id);
    xml.push_str("</ErrorResponse>");
    xml
}

/// The error document of EC2, which has its own envelope.
pub(crate) fn ec2_error(code: &str, message: &str, request_id: &str) -> String {
    let mut xml =
        String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?><Response><Errors><Error>");
    text_element(&mut xml, "Code", code);
    text_element(&mut xml, "Message", message);
    xml.push_str("</Error></Errors>");
    text_element(&mut xml, "RequestID", request_id);
    xml.push_str("</Response>");
    xml
}

/// The error document of S3 (and, near enough for every SDK, of other REST-XML services).
pub(crate) fn rest_error(code: &str, message: &str, request_id: &str) -> String {
    let mut xml = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?><Error>");
    text_element(&mut xml, "Code", code);
    text_element(&mut xml, "Message", message);
    text_element(&mut xml, "RequestId", request_id);
    xml.push_str("</Error>");
    xml
}

fn text_element(xml: &mut String, name: &str, text: &str) {
    xml.push_str(&format!("<{name}>"));
    escape(xml, text);
    xml.push_str(&format!("</{name}>"));
}

fn element(xml: &mut String, name: &str, value: &Value) {
    if value.is_null() {
        return;
    }
    xml.push_str(&format!("<{name}>"));
    content(xml, name, value);
    xml.push_str(&format!("</{name}>"));
}

/// `name` is the nearest member name above: a list's items are named like the list.
fn content(xml: &mut String, name: &str, value: &Value) {
    match value {
        Value::Null => {}
        Value::Bool(flag) => xml.push_str(if *flag { "true" } else { "false" }),
        Value::Number(number) => match number.as_f64() {
            Some(seconds) if names::is_timestamp(name) => xml.push_str(&names::iso(seconds)),
            _ => xml.push_str(&number.to_string()),
        },
        Value::String(text) => escape(xml, text),
        Value::Array(items) => {
            for item in items {
                xml.push_str("<member>");
                content(xml, name, item);
                xml.push_str("</member>");
            }
        }
        Value::Object(members) if names::is_map(name) => {
            for (key, value) in members {
                xml.push_str("<entry>");
                text_element(xml, "key", key);
                element(xml, "value", value);
                xml.push_str("</entry>");
            }
        }
        Value::Object(members) => {
            for (key, value) in members {
                element(xml, key, value);
            }
        }
    }
}

/// Escapes markup; characters that XML 1.0 cannot hold at all are left out.
fn escape(xml: &mut String, text: &str) {
    for character in text.chars() {
        match character {
            '&' => xml.push_str("&amp;"),
            '<' => xml.push_str("&lt;"),
            '>' => xml.push_str("&gt;"),
            '"' => xml.push_str("&quot;"),
            '\r' => xml.push_str("&#xD;"),
            '\n' | '\t' => xml.push(character),
            control if control < ' ' || matches!(control, '\u{FFFE}' | '\u{FFFF}') => {}
            other => xml.push(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn lists_have_members_and_timestamps_are_iso() {
        let tree = json!({"LoadBalancers": [{"LoadBalancerName": "a&b", "CreatedTime": 1_763_683_200.5, "Port": 80, "Open": true, "Gone": null}], "Empty": []});
        assert_eq!(
            response("DescribeLoadBalancers", "urn:x", Some(&tree), "r-1"),
            "<DescribeLoadBalancersResponse xmlns=\"urn:x\"><DescribeLoadBalancersResult>\
             <Empty></Empty><LoadBalancers><member><CreatedTime>2025-11-21T00:00:00.500Z</CreatedTime>\
             <LoadBalancerName>a&amp;b</LoadBalancerName><Open>true</Open><Port>80</Port></member></LoadBalancers>\
             </DescribeLoadBalancersResult><ResponseMetadata><RequestId>r-1</RequestId></ResponseMetadata>\
             </DescribeLoadBalancersResponse>"
        );
    }

    #[test]
    fn percentile_datapoints_are_maps() {
        let tree = json!({"Datapoints": [{"ExtendedStatistics": {"p99": 1.5}}]});
        let xml = response("GetMetricStatistics", "urn:x", Some(&tree), "r");
        assert!(
            xml.contains("<ExtendedStatistics><entry><key>p99</key><value>1.5</value></entry></ExtendedStatistics>"),
            "{xml}"
        );
    }

    #[test]
    fn errors_say_whose_fault_it_was() {
        assert_eq!(
            error("urn:x", true, "ListenerNotFound", "no <b>", "r"),
            "<ErrorResponse xmlns=\"urn:x\"><Error><Type>Sender</Type><Code>ListenerNotFound</Code>\
             <Message>no &lt;b&gt;</Message></Error><RequestId>r</RequestId></ErrorResponse>"
        );
    }
}
