//! What the ready workflows promise. Their scripts are run by the acceptance cases.

fn workflow(name: &str) -> String {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/ci/");
    std::fs::read_to_string(format!("{folder}{name}")).unwrap()
}

#[test]
fn actions_are_pinned_by_commit_and_name_their_version() {
    let text = workflow("github-actions.yml");
    let uses: Vec<&str> = text
        .lines()
        .filter_map(|line| line.trim_start().strip_prefix("- uses: "))
        .collect();
    assert_eq!(uses.len(), 3, "{uses:?}");
    for action in uses {
        let (pin, version) = action.split_once(" # v").unwrap();
        let (_, commit) = pin.split_once('@').unwrap();
        assert_eq!(commit.len(), 40, "{action}");
        assert!(commit.bytes().all(|b| b.is_ascii_hexdigit()), "{action}");
        assert_eq!(version.split('.').count(), 3, "{action}");
    }
}

#[test]
fn the_workflow_for_github_may_read_and_take_a_role_and_nothing_else() {
    let text = workflow("github-actions.yml");
    assert!(text.contains("\npermissions: {}\n"), "{text}");
    let mut lines = text.lines();
    lines.find(|line| *line == "    permissions:").unwrap();
    let granted: Vec<&str> = lines
        .take_while(|line| line.starts_with("      "))
        .filter_map(|line| line.trim_start().split(" #").next())
        .collect();
    assert_eq!(granted, ["contents: read", "id-token: write"]);
    assert!(text.contains("persist-credentials: false"));
    // The issue is written by a job without a role.
    let (_, issue) = text.split_once("\n  issue:\n").unwrap();
    assert!(
        !issue.contains("id-token") && !issue.contains("contents:"),
        "{issue}"
    );
    assert!(issue.contains("      issues: write # "), "{issue}");
    // What a pull request or AWS writes must not become a part of a script.
    for line in text.lines().filter(|line| line.contains("${{")) {
        let known = [
            "vars.",
            "steps.judge.outputs.",
            "needs.gate.outputs.",
            "github.token }}",
            "!cancelled() }}",
        ];
        let value = line.split_once(": ${{ ").map(|(_, value)| value);
        let is_known = |value: &str| known.iter().any(|known| value.starts_with(known));
        assert!(value.is_some_and(is_known), "{line}");
    }
}

#[test]
fn plans_are_removed_and_never_kept() {
    for name in ["github-actions.yml", "gitlab-ci.yml"] {
        let text = workflow(name);
        let mut removed = text.lines().filter(|line| line.contains("rm -f"));
        let is_of_plans = |line: &str| line.contains("tfplan") && line.contains("plan.json");
        assert!(removed.any(is_of_plans), "{name}: {text}");
        assert!(!text.contains("upload-artifact"), "{name}");
    }
    let text = workflow("gitlab-ci.yml");
    let (_, artifacts) = text.split_once("  artifacts:\n").unwrap();
    let (artifacts, _) = artifacts.split_once("\ndrift-issue:\n").unwrap();
    assert!(!artifacts.contains("plan"), "{artifacts}");
}
