//! One TLS and HTTP stack: a second one costs megabytes, start-up time and a second set of advisories.

use std::process::Command;

#[test]
fn only_one_tls_and_http_stack_is_linked() {
    let output = Command::new(env!("CARGO"))
        .args([
            "tree",
            "--package",
            "switchyard-aws",
            "--edges",
            "normal",
            "--prefix",
            "none",
            "--offline",
        ])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let packages: Vec<(&str, &str)> = text
        .lines()
        .filter_map(|line| {
            let mut words = line.split(' ');
            Some((words.next()?, words.next()?))
        })
        .collect();
    assert!(packages.iter().any(|(name, _)| *name == "aws-lc-rs"));
    for unwanted in ["native-tls", "openssl", "ring", "s2n-tls"] {
        assert!(
            !packages.iter().any(|(name, _)| *name == unwanted),
            "{unwanted} is linked"
        );
    }
    for (name, old) in [("h2", "v0.3"), ("hyper", "v0."), ("rustls", "v0.21")] {
        let found = packages
            .iter()
            .find(|(package, version)| *package == name && version.starts_with(old));
        assert_eq!(found, None);
    }
}
