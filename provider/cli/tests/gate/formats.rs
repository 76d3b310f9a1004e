//! What the formats promise to those who read them.

use serde_json::{Value, json};

use super::{FORMATS, drifted, gate, plan, report};

/// A plan in which so many resources drifted, with this value each.
fn many(count: usize, resource_type: &str, attribute: &str, value: &str) -> String {
    let element = |number: usize| {
        json!({"address": format!("{resource_type}.r{number}"), "mode": "managed", "type": resource_type,
            "change": {"actions": ["update"], "before": {attribute: "old"}, "after": {attribute: value}}})
    };
    let drift: Vec<Value> = (0..count).map(element).collect();
    json!({"format_version": "1.2", "planned_values": {}, "resource_drift": drift}).to_string()
}

fn policy(action: &str) -> Value {
    let statement = |sid: &str, action: &str| json!({"Sid": sid, "Effect": "Allow", "Action": action, "Resource": ["arn:aws:s3:::corp-data", "arn:aws:s3:::corp-data/*"]});
    let policy = json!({"Version": "2012-10-17", "Statement": [
        statement("AllowRead", "s3:GetObject"), statement("AllowLists", "s3:ListBucket"), statement("X", action)]});
    json!({"policy": policy.to_string()})
}

#[test]
fn the_statement_that_became_wider_is_in_every_report() {
    let plan = drifted(
        "aws_iam_policy",
        policy("logs:PutLogEvents"),
        policy("*"),
        Some(policy("logs:PutLogEvents")),
    );
    for format in FORMATS {
        let (_, out, _) = gate(plan.as_bytes(), &["--format", format]);
        let out = out
            .replace("\\\"", "\"")
            .replace("&quot;", "\"")
            .replace("&gt;", ">");
        assert!(
            out.contains(r#"statement "X": Action "logs:PutLogEvents" -> "*""#),
            "{format}: {out}"
        );
    }
}

#[test]
fn a_second_rule_that_opens_to_the_world_is_in_every_report() {
    let rule = |port: u16, peer: &str| {
        json!({"from_port": port, "to_port": port, "protocol": "tcp", "cidr_blocks": [peer], "description": "",
            "ipv6_cidr_blocks": [], "prefix_list_ids": [], "security_groups": [], "self": false})
    };
    let before: Vec<Value> = (1..9).map(|port| rule(port, "10.0.0.0/8")).collect();
    let mut after = before.clone();
    after.extend([rule(22, "10.1.0.0/16"), rule(3389, "0.0.0.0/0")]);
    let plan = drifted(
        "aws_security_group",
        json!({"ingress": before}),
        json!({"ingress": after}),
        None,
    );
    for format in FORMATS {
        let (_, out, _) = gate(plan.as_bytes(), &["--format", format]);
        assert!(out.contains("added tcp 3389: 0.0.0.0/0"), "{format}: {out}");
    }
}

#[test]
fn github_shows_the_verdict_and_the_worst_within_its_limit() {
    let mut plan: Value =
        serde_json::from_str(&many(30, "aws_vpc", "enable_dns_support", "x")).unwrap();
    let critical: Value = serde_json::from_str(&many(30, "aws_route", "gateway_id", "x")).unwrap();
    let more = critical["resource_drift"].as_array().unwrap().clone();
    plan["resource_drift"].as_array_mut().unwrap().extend(more);
    let (code, out, _) = gate(plan.to_string().as_bytes(), &["--format", "github"]);
    assert_eq!(code, 3);
    let lines: Vec<&str> = out.lines().collect();
    assert!(
        lines[0].starts_with("::error title=Drift gate::Blocked by drift: 30 critical, 30 major"),
        "{out}"
    );
    assert!(lines[0].contains("41 more are not shown"), "{out}");
    let count = |start: &str| lines.iter().filter(|line| line.starts_with(start)).count();
    assert_eq!((count("::error"), count("::warning")), (10, 10), "{out}");
    assert!(lines[1].contains("critical drift"), "{out}");
}

#[test]
fn markdown_fits_into_a_comment_and_says_what_is_missing() {
    let long = "x".repeat(150);
    for count in [10, 5_000] {
        let plan = many(count, "aws_route", "gateway_id", &long);
        let (_, out, _) = gate(plan.as_bytes(), &["--format", "markdown"]);
        assert!(out.len() < 65_536, "{}", out.len());
        assert_eq!(
            out.contains("Not shown, because comments end at"),
            count > 10,
            "{out}"
        );
        assert_eq!(out.matches("```").count(), 2);
        assert!(out.contains("</details>"));
    }
}

/// Values that log systems and web pages take for more than text.
fn hostile() -> Vec<&'static str> {
    vec![
        "::error::pwn",
        "##[error]pwn",
        "##vso[task.complete result=Succeeded;]",
        "###vso[task.complete]",
        "\n::error::nl",
        "\r\n::error::crnl",
        "\u{1b}[31mred",
        "\u{9b}31m",
        "\u{2028}::error::ls",
        "\u{85}::error::nel",
        "\u{202e}rtl",
        "\u{feff}bom",
        "\u{200b}zw",
        "\u{ffff}",
        "\u{fffe}",
        "</details><img src=x>",
        "```\n<script>",
        "`x`|y|",
        "@octocat/team",
        "#1",
        "GH-1",
        "org/repo#1",
        "https://evil.example",
        "www.evil.example",
        "$x$",
        "$(rm -rf /)",
        "]]>",
        "<!--",
        "&#64;",
        "\0nul",
        "| a | b |",
        "\\",
        "![i](http://x/y.png)",
        "~~s~~",
        "a\\|b",
        "\u{e0041}tag",
        ":bomb:",
        "##teamcity[buildStatus]",
    ]
}

fn with_hostile(text: &str) -> String {
    let tags = |value: &str| json!({"tags": {"k": value, text: value}, "name": value});
    let change = json!({"actions": ["update"], "before": tags("old"), "after": tags(text)});
    let address = format!("aws_sqs_queue.q[{text:?}]");
    let element =
        json!({"address": address, "mode": "managed", "type": "aws_sqs_queue", "change": change});
    json!({"format_version": "1.2", "planned_values": {}, "resource_drift": [element], "resource_changes": [element],
        "output_changes": {text: {"actions": ["create"]}}})
    .to_string()
}

#[test]
fn the_text_has_no_commands_of_any_system() {
    for text in hostile() {
        let (code, out, _) = gate(with_hostile(text).as_bytes(), &[]);
        assert_ne!(code, 1);
        for line in out.lines() {
            assert!(!line.trim_start().starts_with("::"), "{line:?}");
            assert!(!line.contains("##"), "{line:?}");
            assert!(
                !line
                    .chars()
                    .any(|c| c.is_control() || ('\u{200b}'..='\u{202e}').contains(&c)),
                "{line:?}"
            );
        }
    }
}

#[test]
fn every_line_for_github_and_azure_is_one_command_of_ours() {
    for text in hostile() {
        let plan = with_hostile(text);
        let (_, out, _) = gate(plan.as_bytes(), &["--format", "github"]);
        for line in out.split(['\n', '\r']).filter(|line| !line.is_empty()) {
            let kinds = ["::error title=", "::warning title=", "::notice title="];
            assert!(kinds.iter().any(|kind| line.starts_with(kind)), "{line:?}");
        }
        let (_, out, _) = gate(plan.as_bytes(), &["--format", "azure"]);
        for line in out.lines() {
            let commands = line.matches("##").count();
            assert_eq!(
                commands,
                usize::from(line.starts_with("##vso[task.logissue type=")),
                "{line:?}"
            );
        }
    }
}

/// The text outside of code, where GitHub and GitLab look for mentions, links, numbers of issues and formulas.
fn outside_of_code(markdown: &str) -> String {
    let mut text = String::new();
    let mut rest = markdown;
    while let Some(start) = rest.find('`') {
        text.push_str(rest.get(..start).unwrap());
        let (_, code) = rest.split_at(start);
        let fence = code.chars().take_while(|c| *c == '`').count();
        let (_, inside) = code.split_at(fence);
        let mut end = 0;
        loop {
            let (_, ahead) = inside.split_at(end);
            let next = end + ahead.find('`').unwrap();
            let (_, close) = inside.split_at(next);
            let length = close.chars().take_while(|c| *c == '`').count();
            end = next + length;
            if length == fence {
                break;
            }
        }
        (_, rest) = inside.split_at(end);
    }
    text + rest
}

#[test]
fn markdown_holds_text_of_others_as_code() {
    for text in hostile() {
        let (_, out, _) = gate(with_hostile(text).as_bytes(), &["--format", "markdown"]);
        let outside = outside_of_code(&out);
        for trap in [
            "octocat",
            "evil.example",
            "org/repo",
            "GH-1",
            "$x$",
            "<img",
            "<script",
            ":bomb:",
            "![i]",
            "rm -rf",
        ] {
            assert!(!outside.contains(trap), "{text:?}: {outside}");
        }
        for row in out.lines().filter(|line| line.starts_with("| minor")) {
            assert_eq!(row.replace("\\|", "").matches('|').count(), 7, "{row}");
        }
    }
}

#[test]
fn documents_for_programs_are_well_formed_whatever_is_in_the_plan() {
    for text in hostile() {
        let plan = with_hostile(text);
        for format in ["json", "sarif", "gitlab"] {
            let (_, out, _) = gate(plan.as_bytes(), &["--format", format]);
            serde_json::from_str::<Value>(&out).unwrap();
        }
        let (_, out, _) = gate(plan.as_bytes(), &["--format", "junit"]);
        for c in out.chars() {
            let forbidden =
                (c < ' ' && !"\t\n\r".contains(c)) || matches!(c, '\u{fffe}' | '\u{ffff}');
            assert!(!forbidden, "{c:?} in {out}");
        }
    }
}

#[test]
fn an_error_is_a_document_as_well() {
    let document = |format: &str| gate(b"Error: no plan", &["--format", format]);
    let (code, out, errors) = document("json");
    let json: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(
        (code, &json["outcome"], &json["exit_code"]),
        (1, &json!("error"), &json!(1))
    );
    assert_eq!(json["error"].as_str().unwrap(), errors.trim_end());
    let (_, out, _) = document("sarif");
    let sarif: Value = serde_json::from_str(&out).unwrap();
    let invocation = &sarif["runs"][0]["invocations"][0];
    assert_eq!(invocation["executionSuccessful"], false);
    let told = &invocation["toolExecutionNotifications"][0]["message"]["text"];
    assert!(
        told.as_str().unwrap().contains("not the JSON of a plan"),
        "{told}"
    );
    for format in ["junit", "gitlab", "markdown", "github", "azure"] {
        let (code, out, _) = document(format);
        assert_eq!(code, 1);
        assert!(out.contains("not the JSON of a plan"), "{format}: {out}");
    }
}

#[test]
fn an_error_of_the_configuration_is_a_document_as_well() {
    let (code, out, _) = super::with_config(
        &plan("drift.json"),
        &json!({"alow": []}),
        &["--format", "json"],
    );
    let json: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(code, 1);
    assert!(
        json["error"].as_str().unwrap().contains("correct the file"),
        "{out}"
    );
}

#[test]
fn sarif_has_what_code_scanning_asks_for() {
    let (_, out, _) = gate(plan("drift.json").as_bytes(), &["--format", "sarif"]);
    let sarif: Value = serde_json::from_str(&out).unwrap();
    let run = &sarif["runs"][0];
    for rule in run["tool"]["driver"]["rules"].as_array().unwrap() {
        for key in ["shortDescription", "fullDescription", "help"] {
            assert!(rule[key]["text"].as_str().unwrap().ends_with('.'), "{rule}");
        }
        assert!(
            rule["name"]
                .as_str()
                .unwrap()
                .chars()
                .all(char::is_alphanumeric)
        );
    }
    for result in run["results"].as_array().unwrap() {
        let place = &result["locations"][0]["physicalLocation"];
        assert_eq!(place["artifactLocation"]["uri"], "tfplan.json");
        assert_eq!(place["region"]["startLine"], 1);
    }
}

#[test]
fn gitlab_tells_issues_apart_and_knows_them_again() {
    let plan = plan("drift.json");
    let issues = |plan: &str| -> Vec<Value> {
        let (_, out, _) = gate(plan.as_bytes(), &["--format", "gitlab"]);
        serde_json::from_str(&out).unwrap()
    };
    let found = issues(&plan);
    assert_eq!(found.len(), 5);
    let mut prints: Vec<&str> = found
        .iter()
        .map(|issue| issue["fingerprint"].as_str().unwrap())
        .collect();
    prints.dedup();
    assert_eq!(prints.len(), 5);
    assert_eq!(found[0]["severity"], "blocker");
    assert_eq!(found, issues(&plan));
}

#[test]
fn programs_find_the_parts_that_changed() {
    let plan = drifted(
        "aws_iam_policy",
        policy("logs:PutLogEvents"),
        policy("*"),
        None,
    );
    let found = &report(&plan).1["drift"][0];
    assert_eq!(
        found["changes"],
        json!([{"at": "statement \"X\": Action", "change": "changed", "before": "\"logs:PutLogEvents\"", "after": "\"*\"",
            "text": "statement \"X\": Action \"logs:PutLogEvents\" -> \"*\""}])
    );
}
