//! `watch` in a pseudo-terminal: the view is redrawn in place, and what stays is the last one.

use std::process::{Command, Stdio};

use super::{deployed_by_hand, live, program};

/// A terminal of so many columns: what is on it after these bytes.
fn screen(bytes: &str) -> (Vec<String>, usize) {
    let (mut lines, mut row, mut column, mut redrawn) = (vec![String::new()], 0_usize, 0_usize, 0);
    let mut letters = bytes.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '\r' => column = 0,
            '\n' => {
                row += 1;
                if row == lines.len() {
                    lines.push(String::new());
                }
            }
            '\u{1b}' => {
                assert_eq!(letters.next(), Some('['), "only CSI sequences are written");
                let mut number = String::new();
                while let Some(digit) = letters.next_if(|it| it.is_ascii_digit() || *it == ';') {
                    number.push(digit);
                }
                match letters.next() {
                    Some('A') => {
                        row = row
                            .checked_sub(number.parse().unwrap())
                            .expect("it is on the screen");
                        redrawn += 1;
                    }
                    Some('J') => {
                        lines.truncate(row + 1);
                        let kept: String = lines[row].chars().take(column).collect();
                        lines[row] = kept;
                    }
                    Some('m') => {}
                    other => panic!("{other:?} is not a sequence that is written"),
                }
            }
            letter => {
                let mut line: Vec<char> = lines[row].chars().collect();
                line.resize(line.len().max(column + 1), ' ');
                line[column] = letter;
                lines[row] = line.into_iter().collect();
                column += 1;
            }
        }
    }
    (lines, redrawn)
}

#[test]
fn a_deployment_is_watched_in_a_terminal() {
    let (scene, _project) = live(super::SLOW);
    deployed_by_hand(&scene);
    let line = format!(
        "stty cols 90; exec {} watch web --cluster main",
        program(&scene).display()
    );
    let output = Command::new("script")
        .args(["--quiet", "--return", "--command", &line, "/dev/null"])
        .env_clear()
        .envs(scene.stage.environment())
        .env("HOME", "/nonexistent")
        .env("PATH", "/usr/bin:/bin")
        .env("TERM", "xterm-256color")
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(0), "{text}");
    assert!(
        text.contains("\u{1b}[32m"),
        "a terminal has colour: {text:?}"
    );
    let (lines, redrawn) = screen(&text);
    assert!(redrawn > 2, "{text:?}");
    let shown: Vec<&str> = lines
        .iter()
        .map(|line| line.trim_end())
        .filter(|line| !line.is_empty())
        .collect();
    assert_eq!(shown.len(), 2, "{shown:?}");
    assert_eq!(shown[0], "web in cluster main: steady");
    assert!(
        shown[1].starts_with("web: web:2 SUCCESSFUL at "),
        "{shown:?}"
    );
    // On the way there, the bars stood where they were drawn first.
    let half = text
        .split("\u{1b}[J")
        .find(|frame| frame.contains("90 %"))
        .unwrap();
    let (lines, _) = screen(half);
    assert!(
        lines
            .iter()
            .any(|line| line.starts_with("  live  web:1  ██")),
        "{lines:?}"
    );
    assert!(
        lines
            .iter()
            .any(|line| line.starts_with("  new   web:2  ███░")),
        "{lines:?}"
    );
    assert!(
        lines.iter().all(|line| line.chars().count() < 90),
        "{lines:?}"
    );
}
