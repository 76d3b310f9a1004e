//! The story that is played against an endpoint and against the lab, and the account of where they differ.

mod report;
mod story;

use switchyard_harness::fidelity::{Finding, Recorder, Recording, compare};
use switchyard_harness::{AWS, Endpoint, Stage, Terraform};

pub use report::report;
pub use story::{PREFIX, play};

/// Settings that name what is of an account, and the words that stand for them in a recording.
const NAMED: [(&str, &str); 1] = [("SWITCHYARD_TEST_IMAGE", "image")];

/// Plays the story against an endpoint (a URL or [`AWS`]) with these AWS settings, and gives what was recorded. `say` is told
/// each chapter.
///
/// # Panics
/// When a chapter does not end as it must; what was made is deleted all the same.
#[must_use]
pub fn recorded(
    terraform: &Terraform,
    upstream: &str,
    settings: &[(String, String)],
    say: &mut dyn FnMut(&str),
) -> Recording {
    let recorder = Recorder::before(upstream, settings);
    {
        let endpoint = Endpoint::at(recorder.url(), &recorder.settings(settings));
        let stage = Stage::on(endpoint).with_terraform(terraform.clone());
        play(&stage, say);
    }
    let named = NAMED
        .iter()
        .filter_map(|(setting, word)| Some((value(settings, setting)?, (*word).to_owned())));
    recorder.finish(&named.collect::<Vec<_>>())
}

fn value(settings: &[(String, String)], name: &str) -> Option<String> {
    let found = settings.iter().find(|(known, _)| known == name);
    found.map(|(_, value)| value.clone())
}

/// Plays the story in a lab of its own.
///
/// # Panics
/// As [`recorded`].
#[must_use]
pub fn recorded_in_lab(say: &mut dyn FnMut(&str)) -> Recording {
    let lab = Stage::in_lab();
    let mut settings = lab.environment();
    settings.retain(|(name, _)| name != "AWS_ENDPOINT_URL");
    recorded(lab.terraform(), &lab.lab().endpoint(), &settings, say)
}

/// What the lab has shown in earlier plays, as the repository keeps it.
const KEPT: &str = include_str!("../../../../../provider/aws/tests/recordings/lab.jsonl");

/// Where an endpoint differs from the lab.
///
/// # Panics
/// When the kept recording is none.
#[must_use]
pub fn differences(there: &Recording, lab: &Recording) -> Vec<Finding> {
    let kept = Recording::of(KEPT).unwrap_or_else(|reason| panic!("the kept recording: {reason}"));
    compare(there, lab, &kept)
}

/// What an hour of the story costs at AWS, in words: prices of 2026 in the cheaper regions, rounded up.
#[must_use]
pub fn estimate(upstream: &str) -> String {
    if upstream == AWS || upstream.contains(".amazonaws.") {
        "About an hour: one load balancer (0.03 USD), at most four Fargate tasks of 0.25 vCPU and 0.5 GiB (0.06 USD), a few \
         alarms and CloudWatch calls (0.01 USD). Less than 0.50 USD in all, if what it makes is deleted at its end."
            .to_owned()
    } else {
        "An endpoint that is not AWS costs nothing.".to_owned()
    }
}
