//! The jobs that keep one issue for each stack: GitHub's with a stand-in for `gh`, GitLab's with the real `curl` and a stand-in
//! for GitLab's API.

use std::io::Write as _;
use std::net::TcpListener;
use std::path::Path;
use std::process::Command;
use std::sync::{Arc, Mutex};

use switchyard_harness::Project;

use super::{lines, workflow};
use crate::Scene;
use crate::notices::whole;

/// Runs a script as a runner does, in a folder of its own; its exit code and what it printed.
fn bash(project: &Project, script: &str, variables: &[(&str, &str)]) -> (i32, String) {
    let stand_ins = project.scratch().join("stand-ins");
    let path = format!("{}:/usr/bin:/bin", stand_ins.display());
    let output = Command::new("bash")
        .args(["--noprofile", "--norc", "-eo", "pipefail", "-c", script])
        .current_dir(project.scratch())
        .env_clear()
        .env("PATH", path)
        .env("STAND_INS", &stand_ins)
        .env("RUNNER_TEMP", project.scratch())
        .envs(variables.iter().copied())
        .output()
        .unwrap();
    let text = [output.stdout, output.stderr].concat();
    let code = output.status.code().unwrap_or(-1);
    (code, String::from_utf8_lossy(&text).into_owned())
}

/// Issues in a file, one in a line: number, state, title. What it is not asked in the workflow is refused.
const GH: &str = r#"#!/bin/bash
set -eu
issues="$STAND_INS/issues"; touch "$issues"
[ "$GH_REPO" = shop/infrastructure ] && [ -n "$GH_TOKEN" ] || exit 9
body() { while [ $# -gt 0 ]; do [ "$1" = --body-file ] && cp "$2" "$STAND_INS/body" && return; shift; done; exit 9; }
case "$1 $2" in
  "issue list")
    [[ "$*" == *"--label drift --state open"* && "$*" == *"select(.title == env.TITLE)"* ]] || exit 9
    grep " open $TITLE\$" "$issues" | head -n 1 | cut -d ' ' -f 1 || true ;;
  "label create") [ "$3 $4" = "drift --force" ] ;;
  "issue create")
    [ "$3 $4 $5" = "--title $TITLE --label" ] || exit 9
    body "$@"; echo "$(($(wc -l < "$issues") + 1)) open $TITLE" >> "$issues" ;;
  "issue edit") grep -q "^$3 open" "$issues"; body "$@" ;;
  "issue close") sed -i "s/^$3 open/$3 closed/" "$issues" ;;
  *) exit 9 ;;
esac
"#;

#[test]
fn the_workflow_for_github_keeps_one_issue_for_each_stack() {
    use std::os::unix::fs::PermissionsExt as _;
    let scene = Scene::new();
    let project = scene.stage.project("");
    let stand_ins = project.scratch().join("stand-ins");
    std::fs::create_dir(&stand_ins).unwrap();
    let gh = stand_ins.join("gh");
    std::fs::write(&gh, GH).unwrap();
    std::fs::set_permissions(&gh, std::fs::Permissions::from_mode(0o755)).unwrap();
    // An issue of another stack is not touched.
    std::fs::write(stand_ins.join("issues"), "1 open Drift: network\n").unwrap();
    let document = workflow("github-actions.yml");
    let job = &document["jobs"]["issue"];
    assert_eq!(job["needs"].as_str(), Some("gate"));
    assert_eq!(job["env"]["STACK"].as_str(), Some("infrastructure"));
    let script = job["steps"][0]["run"].as_str().unwrap();
    let run = |code: &str, report: &str| {
        let variables = [
            ("STACK", "infrastructure"),
            ("CODE", code),
            ("REPORT", report),
            ("GH_TOKEN", "of the job"),
            ("GITHUB_REPOSITORY", "shop/infrastructure"),
            ("GITHUB_SERVER_URL", "https://github.com"),
            ("GITHUB_RUN_ID", "7"),
        ];
        let (ended, printed) = bash(&project, script, &variables);
        assert_eq!(ended, 0, "{printed}");
        let issues = std::fs::read_to_string(stand_ins.join("issues")).unwrap();
        (issues, printed)
    };
    let body = || std::fs::read_to_string(stand_ins.join("body")).unwrap();
    let other = "1 open Drift: network\n";
    assert_eq!(run("0", "nothing").0, other);
    let (issues, _) = run("3", "two `differences` $(exit 1)");
    assert_eq!(issues, format!("{other}2 open Drift: infrastructure\n"));
    assert_eq!(
        body(),
        "two `differences` $(exit 1)\n\nFound by https://github.com/shop/infrastructure/actions/runs/7.\n"
    );
    // The next night it is the same issue, with what there is now.
    let (issues, _) = run("2", "one difference");
    assert_eq!(issues, format!("{other}2 open Drift: infrastructure\n"));
    assert!(body().starts_with("one difference\n"), "{}", body());
    // Planning failed: nobody knows.
    let (issues, printed) = run("", "");
    assert_eq!(issues, format!("{other}2 open Drift: infrastructure\n"));
    assert!(
        printed.contains("::warning::The drift is not known"),
        "{printed}"
    );
    let (issues, _) = run("0", "nothing");
    assert_eq!(issues, format!("{other}2 closed Drift: infrastructure\n"));
    // A closed one stays closed: the next drift is a new story.
    let (issues, _) = run("3", "again");
    assert!(
        issues.ends_with("3 open Drift: infrastructure\n"),
        "{issues}"
    );
}

/// GitLab's issues, as far as the job needs them: the number of the open one, and all requests.
#[derive(Debug, Default)]
struct GitLab {
    open: Option<u32>,
    last: u32,
    requests: Vec<String>,
}

impl GitLab {
    /// The answer to a request.
    fn answer(&mut self, request: &str) -> String {
        self.requests.push(request.to_owned());
        let path = request.lines().next().unwrap_or_default();
        let listed = |number: Option<u32>| {
            let issue =
                number.map(|it| format!("{{\"id\":90{it},\"iid\":{it},\"title\":\"Drift\"}}"));
            format!("[{}]", issue.unwrap_or_default())
        };
        if path.starts_with("GET ") {
            return listed(self.open);
        }
        if path.starts_with("POST ") && path.contains("/issues ") {
            self.last += 1;
            self.open = Some(self.last);
        }
        if request.contains("state_event=close") {
            self.open = None;
        }
        "{}".to_owned()
    }
}

/// The API on loopback.
fn gitlab() -> (String, Arc<Mutex<GitLab>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let state = Arc::new(Mutex::new(GitLab::default()));
    let kept = Arc::clone(&state);
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let request = whole(&mut stream);
            let answer = kept.lock().unwrap().answer(&request);
            drop(write!(
                stream,
                "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{answer}",
                answer.len()
            ));
        }
    });
    (format!("http://{address}/api/v4"), state)
}

#[test]
fn the_job_for_gitlab_keeps_one_issue_for_each_stack() {
    let scene = Scene::new();
    let project = scene.stage.project("");
    let folder = project.scratch().join("infrastructure");
    std::fs::create_dir(&folder).unwrap();
    let (api, state) = gitlab();
    let document = workflow("gitlab-ci.yml");
    let script = lines(&document["drift-issue"]["script"]);
    let run = |code: Option<&str>, report: &str| {
        let file = folder.join("drift.code");
        match code {
            Some(code) => std::fs::write(&file, format!("{code}\n")).unwrap(),
            None => drop(std::fs::remove_file(&file)),
        }
        write_report(&folder, report);
        state.lock().unwrap().requests.clear();
        let variables = [
            ("STACK", "infrastructure"),
            ("CI_API_V4_URL", api.as_str()),
            ("CI_PROJECT_ID", "42"),
            ("CI_PIPELINE_URL", "https://gitlab.example.com/p/7"),
            ("DRIFT_TOKEN", "of the project"),
            ("no_proxy", "*"),
        ];
        let (ended, printed) = bash(&project, &script, &variables);
        assert_eq!(ended, 0, "{printed}");
        let state = state.lock().unwrap();
        let asked: Vec<String> = state
            .requests
            .iter()
            .map(|it| it.split(" HTTP").next().unwrap_or_default().to_owned())
            .collect();
        // A space has two spellings, and which one curl takes depends on its version.
        (
            state.open,
            asked,
            state.requests.concat().replace('+', "%20"),
        )
    };
    let list = "GET /api/v4/projects/42/issues?state=opened&labels=drift-infrastructure";
    assert_eq!(run(Some("0"), "nothing").1, [list]);
    let (open, asked, text) = run(Some("3"), "two differences & more");
    assert_eq!(asked, [list, "POST /api/v4/projects/42/issues"]);
    assert_eq!(open, Some(1));
    assert!(
        text.contains("PRIVATE-TOKEN:of the project")
            || text.contains("private-token:of the project"),
        "{text}"
    );
    assert!(
        text.contains("two%20differences%20%26%20more")
            && text.contains("labels=drift-infrastructure"),
        "{text}"
    );
    let (open, asked, text) = run(Some("2"), "one difference");
    assert_eq!(asked, [list, "PUT /api/v4/projects/42/issues/1"]);
    assert!(
        open == Some(1) && text.contains("one%20difference"),
        "{text}"
    );
    let (open, asked, _) = run(None, "");
    assert_eq!((open, asked), (Some(1), vec![list.to_owned()]));
    let (open, asked, _) = run(Some("0"), "nothing");
    let closed = [
        list,
        "POST /api/v4/projects/42/issues/1/notes",
        "PUT /api/v4/projects/42/issues/1",
    ];
    assert_eq!(asked, closed);
    assert_eq!(open, None);
}

fn write_report(folder: &Path, report: &str) {
    std::fs::write(folder.join("drift.md"), report).unwrap();
}
