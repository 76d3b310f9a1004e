//! Documents in every form in which pipelines have them.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value, json};

use super::{drifted, gate, plan, report};

#[test]
fn gzip_is_read_and_a_cut_is_noticed() {
    let plan = plan("drift.json");
    let mut packer = GzEncoder::new(Vec::new(), Compression::fast());
    packer.write_all(plan.as_bytes()).unwrap();
    let packed = packer.finish().unwrap();
    assert_eq!(gate(&packed, &[]), gate(plan.as_bytes(), &[]));
    for end in [packed.len() - 1, packed.len() / 2, 5] {
        let (code, _, errors) = gate(&packed[..end], &[]);
        assert_eq!(code, 1);
        assert!(errors.contains("its JSON is truncated"), "{errors}");
    }
}

#[test]
fn lines_of_the_wrapper_of_setup_terraform_are_skipped_and_named() {
    let plan = plan("drift.json");
    let wrapped = format!(
        "[command]/opt/terraform-bin show -json tfplan\n{plan}\n::debug::Terraform exited with code 0.\n::set-output name=exitcode::0\n"
    );
    let (code, out, _) = gate(wrapped.as_bytes(), &[]);
    assert_eq!(code, 3);
    assert!(out.contains("terraform_wrapper: false"), "{out}");
    let (code, _, errors) = gate(format!("{plan}\nError: more").as_bytes(), &[]);
    assert_eq!(code, 1);
    assert!(errors.contains("more text after its JSON"), "{errors}");
}

#[test]
fn drift_of_the_first_format_that_has_it_is_read() {
    let plan =
        plan("drift.json").replace("\"format_version\": \"1.2\"", "\"format_version\": \"0.2\"");
    assert_eq!(gate(plan.as_bytes(), &[]).0, 3);
}

#[test]
fn numbers_of_any_size_are_compared_digit_by_digit() {
    let number = |text: &str| {
        drifted(
            "x_thing",
            json!({"n": "BEFORE"}),
            json!({"n": "AFTER"}),
            None,
        )
        .replace("\"BEFORE\"", "123456789012345678901")
        .replace("\"AFTER\"", text)
    };
    for same in ["123456789012345678901", "123456789012345678901.0"] {
        assert_eq!(report(&number(same)).0, 0, "{same}");
    }
    for other in ["123456789012345678902", "1e400", "0.1"] {
        let (code, out, errors) = gate(number(other).as_bytes(), &[]);
        assert_eq!(code, 2, "{errors}");
        assert!(
            out.contains(&format!("n = 123456789012345678901 -> {other}")),
            "{out}"
        );
    }
    let untouched = format!(
        r#"{{"format_version":"1.2","planned_values":{{"n":1e400}},"variables":{{"v":{{"value":{}}}}}}}"#,
        "9".repeat(400)
    );
    assert_eq!(gate(untouched.as_bytes(), &[]).0, 0);
}

#[test]
fn what_is_skipped_is_still_proven_to_be_json() {
    let with = |skipped: &str| {
        format!(
            r#"{{"format_version":"1.2","planned_values":{skipped},"resource_changes":[{{"address":"a.b","type":"a","change":{{"actions":["no-op"],"before":{skipped}}}}}]}}"#
        )
    };
    assert_eq!(gate(with(r#"{"a":[1,{"b":null}]}"#).as_bytes(), &[]).0, 0);
    for broken in [
        "{",
        "{]",
        r#"{"a"}"#,
        "[1,]",
        "tru",
        r#""\x""#,
        "01",
        r#"{"a":1"b":2}"#,
    ] {
        assert_eq!(gate(with(broken).as_bytes(), &[]).0, 1, "{broken}");
    }
}

/// Thousands of elements in a list, or of drifted resources, take a moment; what grows with their square takes minutes.
#[test]
fn large_lists_and_many_resources_are_read_in_a_moment() {
    const COUNT: usize = 20_000;
    let list = |end: usize| -> Vec<String> {
        (0..COUNT)
            .map(|n| format!("{{\"a\":{}}}", if n + 1 == COUNT { end } else { n }))
            .collect()
    };
    let plan = drifted(
        "x_thing",
        json!({"l": list(1)}),
        json!({"l": list(2)}),
        None,
    );
    // The same as values: above they are texts that are JSON.
    let values = |end: usize| -> Vec<Value> {
        let texts = list(end).into_iter();
        texts
            .map(|text| serde_json::from_str(&text).unwrap())
            .collect()
    };
    let of_values = drifted(
        "x_thing",
        json!({"l": values(1)}),
        json!({"l": values(2)}),
        None,
    );
    for format in ["json", "markdown"] {
        for plan in [&plan, &of_values] {
            assert_eq!(gate(plan.as_bytes(), &["--format", format]).0, 2);
        }
    }
    let element = |number: usize| {
        json!({"address": format!("aws_vpc.r{number}"), "mode": "managed", "type": "aws_vpc",
            "change": {"actions": ["update"], "before": {"enable_dns_support": true}, "after": {"enable_dns_support": false}}})
    };
    let drift: Vec<_> = (0..COUNT).map(element).collect();
    let configured: Vec<_> = (0..COUNT)
        .map(|number| json!({"address": format!("aws_vpc.r{number}"), "expressions": {}}))
        .collect();
    let plan = json!({"format_version": "1.2", "planned_values": {}, "resource_drift": drift,
        "configuration": {"root_module": {"resources": configured}}})
    .to_string();
    for format in ["json", "markdown"] {
        assert_eq!(gate(plan.as_bytes(), &["--format", format]).0, 2);
    }
}
