//! What ships: the archives, the script that installs them, and programs that need nothing of the machine they run on.

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use switchyard_harness::{Project, Stage, skip};

use crate::Scene;

/// The name of the lab in an empty root: only `/etc/hosts` there knows it.
const NAME: &str = "aws.switchyard.test";
const PROGRAMS: [&str; 3] = [
    "terraform-provider-switchyard",
    "switchyard",
    "switchyard-lab",
];

/// Where there are no unix sockets (Windows, a folder that cannot be written to) it is the same handshake and the same
/// mutual TLS over TCP. The script is what the workflow runs on Windows.
#[test]
fn terraform_connects_over_a_unix_socket_and_over_tcp() {
    let scene = Scene::new();
    let project = scene.stage.project("");
    let nowhere = project.scratch().join("gone");
    for (sockets, over_tcp) in [(project.scratch(), false), (&nowhere, true)] {
        let output = Command::new("bash")
            .arg(repository().join("packaging/smoke.sh"))
            .arg(project.terraform().provider().parent().unwrap())
            .env("TERRAFORM", project.terraform().binary())
            .env("PLUGIN_UNIX_SOCKET_DIR", sockets)
            .env("TF_LOG_PROVIDER", "debug")
            .env("CHECKPOINT_DISABLE", "1")
            .output()
            .unwrap();
        let log = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{log}");
        assert_eq!(log.contains("using TCP"), over_tcp, "{log}");
    }
}

#[test]
fn archives_are_the_same_bytes_each_time_and_install_as_a_mirror() {
    let scene = Scene::new();
    let mut project = scene.stage.project("");
    let (first, second) = (
        project.scratch().join("first"),
        project.scratch().join("second"),
    );
    let sums = [&first, &second].map(|out| pack(&project, out));
    assert_eq!(sums[0], sums[1], "two archives of the same programs differ");
    assert_eq!(
        sums[0].lines().count(),
        4,
        "two archives, the manifest, the bill of materials:\n{}",
        sums[0]
    );

    let (plugins, programs) = (
        project.scratch().join("plugins"),
        project.scratch().join("bin"),
    );
    ok(Command::new("sh")
        .arg(repository().join("packaging/install.sh"))
        .arg(&first)
        .env("TERRAFORM", project.terraform().binary())
        .env("SWITCHYARD_PLUGINS", &plugins)
        .env("SWITCHYARD_BIN", &programs)
        .env("TF_CLI_CONFIG_FILE", "")
        .env("CHECKPOINT_DISABLE", "1"));
    for program in ["switchyard", "switchyard-lab"] {
        let said = ok(Command::new(programs.join(program)).arg("--version"));
        assert!(said.contains(env!("CARGO_PKG_VERSION")), "{said}");
    }

    // Terraform checks the archive against nothing but itself here; it unpacks it, and starts what is in it.
    let configuration = project.scratch().join("mirror.tfrc");
    let text = format!(
        "provider_installation {{\n  filesystem_mirror {{\n    path = {plugins:?}\n  }}\n}}\n"
    );
    std::fs::write(&configuration, text).unwrap();
    project.set("TF_CLI_CONFIG_FILE", &configuration.to_string_lossy());
    project.write("main.tf", &scene.native(&scene.v1).hcl());
    project.run(&["init", "-input=false", "-no-color"]).ok();
    project
        .run(&["plan", "-input=false", "-no-color"])
        .ok()
        .says(&["Plan: 1 to add"]);

    // A damaged archive is not installed.
    let archive = first.join(archive("terraform-provider-switchyard"));
    let mut bytes = std::fs::read(&archive).unwrap();
    bytes.truncate(bytes.len() - 1);
    std::fs::write(&archive, bytes).unwrap();
    let refused = Command::new("sh")
        .arg(repository().join("packaging/install.sh"))
        .arg(&first)
        .env("SWITCHYARD_PLUGINS", &plugins)
        .env("SWITCHYARD_BIN", &programs)
        .output()
        .unwrap();
    assert!(!refused.status.success());
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(said.contains("is not what"), "{said}");
}

#[test]
fn programs_start_in_an_empty_root_where_only_etc_hosts_knows_aws() {
    // Only Linux programs are linked statically; elsewhere the system's library is always there.
    if !cfg!(target_os = "linux") {
        return;
    }
    let case = "shipped::programs_start_in_an_empty_root_where_only_etc_hosts_knows_aws";
    let scene = Scene::new();
    let project = scene.stage.project("");
    let programs = programs();
    let provider = programs.join(PROGRAMS[0]);
    if [provider.as_path(), project.terraform().binary()]
        .into_iter()
        .any(wants_a_loader)
    {
        skip(
            case,
            "terraform or the provider is not linked statically (`make test` builds the provider so)",
        );
        return;
    }
    let root = project.scratch().join("root");
    furnish(&root, &project, &programs, &scene);
    let Some(enter) = Enter::find(&root) else {
        skip(
            case,
            "neither `unshare --map-root-user` nor `chroot` is allowed here",
        );
        return;
    };
    for program in ["switchyard", "switchyard-lab"] {
        let said = ok(enter
            .command(&root)
            .arg(format!("/programs/{program}"))
            .arg("--version"));
        assert!(said.contains(env!("CARGO_PKG_VERSION")), "{said}");
    }

    // Handshake, schema, a name from /etc/hosts, and AWS's answers.
    let before = scene.stage.lab().calls().len();
    let said = ok(&mut terraform(&enter, &root, &scene.stage, "http"));
    assert!(said.contains("Plan: 1 to add"), "{said}");
    assert!(scene.stage.lab().calls().len() > before);

    // TLS has authorities to check with: it fails at the lab, which does not speak it, and not before.
    let said = ok(&mut terraform(&enter, &root, &scene.stage, "https"));
    let words: Vec<&str> = said.split_whitespace().collect();
    assert!(words.join(" ").contains("TLS handshake failed"), "{said}");
}

/// A root folder with the programs, two files about names, and a module.
fn furnish(root: &Path, project: &Project, programs: &Path, scene: &Scene) {
    for folder in ["programs", "etc", "tmp", "dev", "module"] {
        std::fs::create_dir_all(root.join(folder)).unwrap();
    }
    for program in PROGRAMS {
        std::fs::copy(programs.join(program), root.join("programs").join(program)).unwrap();
    }
    std::fs::copy(project.terraform().binary(), root.join("terraform")).unwrap();
    // Go opens it when it starts a program without input; any file does.
    std::fs::write(root.join("dev/null"), "").unwrap();
    std::fs::write(root.join("etc/resolv.conf"), "").unwrap();
    std::fs::write(root.join("etc/hosts"), format!("127.0.0.1 {NAME}\n")).unwrap();
    std::fs::write(root.join("module/main.tf"), scene.native(&scene.v1).hcl()).unwrap();
    std::fs::write(
        root.join("cli.tfrc"),
        "provider_installation {\n  dev_overrides {\n    \"switchyard/switchyard\" = \"/programs\"\n  }\n  direct {}\n}\n",
    )
    .unwrap();
}

/// `terraform plan` in the root, with the lab under its name there.
fn terraform(enter: &Enter, root: &Path, stage: &Stage, scheme: &str) -> Command {
    let mut command = enter.command(root);
    command
        .args([
            "/terraform",
            "-chdir=/module",
            "plan",
            "-input=false",
            "-no-color",
        ])
        .env_clear();
    for (name, value) in stage.environment() {
        let value = match name.as_str() {
            "AWS_ENDPOINT_URL" => value
                .replace("127.0.0.1", NAME)
                .replace("http://", &format!("{scheme}://")),
            _ => value,
        };
        command.env(name, value);
    }
    command
        .env("AWS_MAX_ATTEMPTS", "1")
        .env("TF_CLI_CONFIG_FILE", "/cli.tfrc")
        .env("CHECKPOINT_DISABLE", "1");
    command
}

/// How a command gets another root folder.
#[derive(Clone, Copy, Debug)]
enum Enter {
    /// In a user namespace of its own.
    Unshare,
    /// As root.
    Chroot,
}

impl Enter {
    fn find(root: &Path) -> Option<Self> {
        [Self::Unshare, Self::Chroot].into_iter().find(|enter| {
            let tried = enter
                .command(root)
                .args(["/programs/switchyard", "--version"])
                .output();
            tried.is_ok_and(|output| output.status.success())
        })
    }

    fn command(self, root: &Path) -> Command {
        match self {
            Self::Unshare => {
                let mut command = Command::new("/usr/bin/unshare");
                command
                    .arg("--map-root-user")
                    .arg(format!("--root={}", root.display()));
                command
            }
            Self::Chroot => {
                let mut command = Command::new("/usr/sbin/chroot");
                command.arg(root);
                command
            }
        }
    }
}

/// Whether a program needs the loader of a C library: an ELF file names it in an interpreter segment (type 3).
fn wants_a_loader(program: &Path) -> bool {
    let bytes = std::fs::read(program).unwrap();
    let number = |at: usize, size: usize| -> usize {
        let bytes = bytes[at..at + size].iter().rev();
        bytes.fold(0, |number, byte| (number << 8) | usize::from(*byte))
    };
    if !bytes.starts_with(b"\x7fELF\x02\x01") {
        // A script, or a program of another system.
        return true;
    }
    let (table, size, count) = (number(32, 8), number(54, 2), number(56, 2));
    (0..count).any(|index| number(table + index * size, 4) == 3)
}

fn pack(project: &Project, out: &Path) -> String {
    ok(Command::new("python3")
        .arg(repository().join("packaging/dist.py"))
        .args(["--target", &target(), "--programs"])
        .arg(programs())
        .arg("--out")
        .arg(out)
        .env("SOURCE_DATE_EPOCH", "1700000000")
        .current_dir(project.scratch()));
    let sums = format!(
        "terraform-provider-switchyard_{}_SHA256SUMS",
        env!("CARGO_PKG_VERSION")
    );
    std::fs::read_to_string(out.join(sums)).unwrap()
}

fn archive(name: &str) -> String {
    let processor = match std::env::consts::ARCH {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        other => other,
    };
    let system = match std::env::consts::OS {
        "macos" => "darwin",
        other => other,
    };
    format!(
        "{name}_{}_{system}_{processor}.zip",
        env!("CARGO_PKG_VERSION")
    )
}

/// Rust's name of this machine.
fn target() -> String {
    let rest = match std::env::consts::OS {
        "macos" => "apple-darwin",
        _ => "unknown-linux-gnu",
    };
    format!("{}-{rest}", std::env::consts::ARCH)
}

/// The folder of the programs under test.
fn programs() -> PathBuf {
    let provider = switchyard_harness::Terraform::find().provider().to_owned();
    let folder = provider.parent().unwrap().to_owned();
    for program in PROGRAMS {
        let found = std::fs::metadata(folder.join(program))
            .unwrap_or_else(|error| panic!("{program} is not built: {error}"));
        assert!(found.permissions().mode() & 0o111 != 0);
    }
    folder
}

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../..")
}

/// What a command printed; it must succeed.
#[track_caller]
fn ok(command: &mut Command) -> String {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{command:?}\n{}", text(&output));
    text(&output)
}

fn text(output: &Output) -> String {
    let (out, err) = (&output.stdout, &output.stderr);
    format!(
        "{}{}",
        String::from_utf8_lossy(out),
        String::from_utf8_lossy(err)
    )
}
