//! What the pages and pictures promise. `UPDATE_REPORTS=1` rewrites the golden files and the pictures of the documents.

#![expect(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

use std::path::{Path, PathBuf};

use proptest::prelude::*;
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use serde_json::{Value, json};
use switchyard_report::{Deployment, Unread, html, markdown, read, svg};

/// The widest advance of a monospaced font, in parts of its size.
const ADVANCE: f64 = 0.62;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests")
}

fn text(name: &str) -> String {
    std::fs::read_to_string(folder().join("reports").join(name)).unwrap()
}

fn report(name: &str) -> Deployment {
    read(&text(name)).unwrap()
}

fn all() -> Vec<Deployment> {
    ["canary.json", "rolled_back.json", "first_form.json"]
        .map(report)
        .to_vec()
}

/// Text that is a command, markup or a trick wherever it ends up.
const EVIL: &str = "</text></svg><script>alert(1)</script>\"'&amp;`|[x](http://evil.example)@all #1 \u{202e}\0\u{7} \
                    ::error::x ##vso[task]\n# heading";

/// A report in which every text is hostile, every list is long, and time runs backwards.
fn hostile() -> Deployment {
    let mut file: Value = serde_json::from_str(&text("rolled_back.json")).unwrap();
    let long = "x".repeat(3_000);
    let worst = format!("{EVIL}{long}");
    file["service"] = json!({ "cluster": EVIL, "name": worst });
    file["freeze"] = json!({ "freeze": EVIL, "until": EVIL, "reason": worst });
    let deployment = &mut file["deployment"];
    for name in [
        "id",
        "reason",
        "from_task_definition",
        "to_task_definition",
        "new_target_group",
        "old_target_group",
    ] {
        deployment[name] = json!(worst);
    }
    deployment["alarms"] = json!(vec![EVIL; 50]);
    deployment["images"] = json!([{ "container": EVIL, "image": EVIL, "digest": EVIL }]);
    deployment["failure"] = json!({
        "code": EVIL, "summary": worst, "now": format!("{EVIL}\n{long}"), "why": [EVIL, long], "next": worst,
    });
    let gate = deployment["gates"][1].clone();
    let with = |mut value: Value, name: &str, text: &str| {
        value[name] = json!(text);
        value
    };
    let gate = with(
        with(with(gate, "gate", EVIL), "moment", EVIL),
        "message",
        &worst,
    );
    let mut gates = vec![gate.clone(); 2];
    gates.extend((0..60).map(|nth| with(gate.clone(), "gate", &format!("g{nth}{long}"))));
    deployment["gates"] = json!(gates);
    let reading = with(deployment["readings"][4].clone(), "gate", EVIL);
    let reading = with(with(reading, "moment", EVIL), "expected", &worst);
    let mut readings = vec![reading.clone(); 3];
    readings.extend((0..600).map(|nth: i32| {
        let mut one = with(reading.clone(), "gate", "many");
        let sign = if nth % 2 == 0 { 1.0 } else { -1.0 };
        one["value"] = json!(sign * 10.0_f64.powi(nth % 300));
        one["limit"] = json!(1e308);
        one
    }));
    deployment["readings"] = json!(readings);
    let at = |second: i64| {
        let begun: jiff::Timestamp = "2026-11-30T14:00:00Z".parse().unwrap();
        (begun + jiff::SignedDuration::from_secs(second)).to_string()
    };
    let events = (0..600).map(|nth| json!({ "at": at(nth * 10 - 500), "message": worst }));
    deployment["events"] = events.collect();
    let moments = (0..1_500).map(|nth| {
        json!({
            "at": at(nth % 700), "stage": EVIL, "weight": (nth * 37) % 140 - 20, "running": nth * 1_000,
            "desired": u32::MAX, "healthy": 1,
        })
    });
    deployment["timeline"] = moments.collect();
    let (began, ended) = (
        deployment["started_at"].clone(),
        deployment["finished_at"].clone(),
    );
    (deployment["started_at"], deployment["finished_at"]) = (ended, began);
    read(&file.to_string()).unwrap()
}

/// Compares with a file, or writes it.
#[expect(
    clippy::disallowed_methods,
    reason = "whether to rewrite is a choice of whoever runs the test"
)]
fn golden(path: &Path, made: &str) {
    if std::env::var("UPDATE_REPORTS").is_ok() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, made).unwrap();
    } else {
        let kept = std::fs::read_to_string(path).unwrap();
        assert!(
            kept == made,
            "{} differs; UPDATE_REPORTS=1 rewrites it",
            path.display()
        );
    }
}

#[test]
fn pages_are_as_they_were_looked_at() {
    for name in ["canary", "rolled_back", "first_form"] {
        let one = [report(&format!("{name}.json"))];
        let golden_folder = folder().join("golden");
        golden(&golden_folder.join(format!("{name}.svg")), &svg(&one));
        golden(&golden_folder.join(format!("{name}.md")), &markdown(&one));
    }
    golden(&folder().join("golden/several.html"), &html(&all()));
    golden(&folder().join("golden/several.md"), &markdown(&all()));
    golden(&folder().join("golden/several.svg"), &svg(&all()));
}

/// The pictures that README and guides show.
#[test]
fn pictures_of_the_documents_are_made_by_this_code() {
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs");
    let images = docs.join("images");
    let guide = std::fs::read_to_string(docs.join("guides/strategies.md")).unwrap();
    for (name, of) in [
        ("canary", "canary.json"),
        ("rolled-back", "rolled_back.json"),
    ] {
        golden(&images.join(format!("{name}.svg")), &svg(&[report(of)]));
    }
    // Reports of deployments on the lab, which the acceptance case `pictures` keeps.
    for name in STRATEGIES {
        let drawn = svg(&[report(&format!("strategies/{name}.json"))]);
        golden(&images.join(format!("strategies/{name}.svg")), &drawn);
        assert!(drawn.len() < 16 * 1024, "{name} has {} bytes", drawn.len());
        // One picture for a light page and for a dark one.
        assert!(drawn.contains("prefers-color-scheme:dark"), "{name}");
        assert!(
            guide.contains(&format!("(../images/strategies/{name}.svg)")),
            "{name} is in no guide"
        );
    }
}

/// Each way in which traffic moves.
const STRATEGIES: [&str; 7] = [
    "all_at_once",
    "canary",
    "codedeploy",
    "external",
    "linear",
    "rolling",
    "steps",
];

/// One element of a picture that shows text.
#[derive(Debug)]
struct Text {
    text: String,
    from: f64,
    to: f64,
    y: f64,
    size: f64,
}

fn attribute(element: &BytesStart<'_>, name: &str) -> Option<String> {
    let found = element.try_get_attribute(name).unwrap()?;
    Some(String::from_utf8(found.value.into_owned()).unwrap())
}

fn number(element: &BytesStart<'_>, name: &str) -> f64 {
    attribute(element, name).unwrap().parse().unwrap()
}

/// Columns, generously: whatever is no letter of a small script takes two.
fn columns(text: &str) -> f64 {
    text.chars()
        .map(|c| {
            if u32::from(c) >= 0x1100 && c != '…' && c != '\u{fffd}' {
                2.0
            } else {
                1.0
            }
        })
        .sum()
}

/// What an XML parser makes of a picture: its texts, its height, and the names of its elements.
fn parsed(document: &str) -> (Vec<Text>, f64, Vec<String>) {
    let mut reader = Reader::from_str(document);
    reader.config_mut().check_end_names = true;
    let (mut texts, mut height, mut names) = (Vec::<Text>::new(), 0.0, Vec::new());
    let mut open: Vec<String> = Vec::new();
    loop {
        let event = reader.read_event().unwrap_or_else(|error| {
            panic!("not well-formed at {}: {error}", reader.error_position())
        });
        match event {
            Event::Eof => break,
            Event::Start(element) => {
                let name = String::from_utf8(element.name().as_ref().to_vec()).unwrap();
                if name == "svg" {
                    height = number(&element, "height");
                }
                if name == "text" {
                    texts.push(Text {
                        text: String::new(),
                        from: number(&element, "x"),
                        to: match attribute(&element, "text-anchor").unwrap().as_str() {
                            "start" => 1.0,
                            "middle" => 0.5,
                            "end" => 0.0,
                            other => panic!("{other}"),
                        },
                        y: number(&element, "y"),
                        size: number(&element, "font-size"),
                    });
                }
                names.push(name.clone());
                open.push(name);
            }
            Event::Empty(element) => {
                names.push(String::from_utf8(element.name().as_ref().to_vec()).unwrap());
            }
            Event::End(_) => drop(open.pop()),
            Event::Text(words) if open.last().is_some_and(|name| name == "text") => {
                texts.last_mut().unwrap().text += &words.decode().unwrap();
            }
            // One character each: what it stands for is counted, not spelled.
            Event::GeneralRef(_) if open.last().is_some_and(|name| name == "text") => {
                texts.last_mut().unwrap().text.push('&');
            }
            _ => {}
        }
    }
    assert!(open.is_empty(), "{open:?}");
    for text in &mut texts {
        let width = columns(&text.text) * ADVANCE * text.size;
        let behind = text.to;
        text.to = text.from + width * behind;
        text.from -= width * (1.0 - behind);
    }
    (texts, height, names)
}

/// Nothing leaves the picture, and no text lies over another.
fn assert_fits(picture: &str) {
    let (texts, height, _) = parsed(picture);
    assert!(!texts.is_empty());
    for text in &texts {
        assert!(
            text.from >= 0.0 && text.to <= 960.0 && text.y > text.size * 0.7 && text.y < height,
            "{text:?} in {height}"
        );
    }
    for (nth, one) in texts.iter().enumerate() {
        for other in texts.iter().skip(nth + 1) {
            let beside = one.to <= other.from + 0.1 || other.to <= one.from + 0.1;
            let below = (one.y - other.y).abs() >= one.size.min(other.size) * 0.95;
            assert!(beside || below, "{one:?} lies over {other:?}");
        }
    }
}

#[test]
fn every_text_has_its_room() {
    let mut several = all();
    several.push(hostile());
    for one in &several {
        assert_fits(&svg(std::slice::from_ref(one)));
    }
    assert_fits(&svg(&several));
}

#[test]
fn a_picture_has_no_element_that_does_anything() {
    let made = svg(&[hostile()]);
    let (_, _, mut names) = parsed(&made);
    names.sort();
    names.dedup();
    let known = [
        "circle", "g", "path", "rect", "style", "svg", "text", "title",
    ];
    assert!(
        names.iter().all(|name| known.contains(&name.as_str())),
        "{names:?}"
    );
    assert!(!made.contains("NaN") && !made.contains("inf\""));
}

#[test]
fn a_page_is_whole_and_refers_to_nothing() {
    for deployments in [all(), vec![hostile()], Vec::new()] {
        let page = html(&deployments);
        let (_, _, names) = parsed(page.strip_prefix("<!DOCTYPE html>\n").unwrap());
        for refers in [
            "script", "link", "img", "iframe", "a", "object", "image", "use",
        ] {
            assert!(!names.iter().any(|name| name == refers), "{refers}");
        }
        assert!(page.contains("default-src 'none'"));
        let outside = page.replace("http-equiv", "");
        // Text of others may name an address; no attribute does.
        for attribute in ["src=", "href=", "url(", "@import"] {
            assert!(!outside.contains(attribute), "{attribute}");
        }
        assert!(page.len() < 6_000_000, "{}", page.len());
    }
}

#[test]
fn markdown_of_a_hostile_report_is_text() {
    let made = markdown(&[hostile()]);
    assert!(made.len() < 60_000, "{}", made.len());
    // Outside of code there is no text of others: without code, nothing of it is left.
    let mut outside = String::new();
    for line in made.lines() {
        let mut rest = line;
        while let Some(start) = rest.find('`') {
            outside.push_str(rest.get(..start).unwrap());
            let fence = rest.get(start..).unwrap();
            let ticks = fence.chars().take_while(|c| *c == '`').count();
            let mark = "`".repeat(ticks);
            let body = fence.get(ticks..).unwrap();
            let mut at = 0;
            let end = loop {
                let next = body.get(at..).unwrap().find(&mark).map(|found| at + found);
                let Some(found) = next else {
                    panic!("a fence stays open: {line}");
                };
                let run = body
                    .get(found..)
                    .unwrap()
                    .chars()
                    .take_while(|c| *c == '`')
                    .count();
                if run == ticks {
                    break found;
                }
                at = found + run;
            };
            rest = body.get(end + ticks..).unwrap();
        }
        outside.push_str(rest);
        outside.push('\n');
    }
    for others in [
        "script", "evil", "@all", "heading", "xxxx", "::error", "##vso",
    ] {
        assert!(!outside.contains(others), "{others} in\n{outside}");
    }
    assert!(!made.contains('\u{202e}') && !made.contains('\0'));
}

#[test]
fn many_deployments_stay_below_the_limit_of_a_comment() {
    let several: Vec<_> = std::iter::repeat_with(all).take(80).flatten().collect();
    let made = markdown(&several);
    assert!(made.len() < 60_000, "{}", made.len());
    assert!(made.contains("Not shown, because comments end"));
    // The table that says how each ended is whole.
    assert!(made.matches("`main/checkout`").count() >= 80);
}

#[test]
fn what_is_no_report_says_what_it_is() {
    assert_eq!(read("{}"), Err(Unread::NotAReport));
    assert_eq!(read("[1]"), Err(Unread::NotAReport));
    assert_eq!(
        read("{\"schema_version\": 1, \"values\": {}}"),
        Err(Unread::NotAReport)
    );
    let newer = text("canary.json").replace("\"schema_version\": 2", "\"schema_version\": 9");
    assert_eq!(read(&newer), Err(Unread::Newer(9)));
    let cut = text("canary.json").replace("\"outcome\": \"succeeded\",", "");
    let said = read(&cut).unwrap_err().to_string();
    assert!(said.contains("outcome"), "{said}");
    let cut = text("canary.json").split_at(500).0.to_owned();
    assert!(matches!(read(&cut), Err(Unread::Malformed(_))));
}

#[test]
fn the_paragraph_says_what_happened() {
    let made = markdown(&[report("rolled_back.json")]);
    for part in [
        "was rolled back",
        "10 % of the traffic for 7 min 30 s",
        "`errors` failed at 10 %",
        "all traffic was back on `checkout:42` within 3 min 20 s",
        "`SY0217`",
        "quarantine",
    ] {
        assert!(made.contains(part), "{part} in\n{made}");
    }
}

proptest! {
    /// Whatever a report says of time and weight, the picture is well-formed, and its texts have room.
    #[test]
    fn any_report_is_a_picture(
        moments in prop::collection::vec((-1_000_i64..100_000, prop::option::of(-50.0_f64..150.0), 0_u32..9), 0..40),
        length in 0_i64..90_000,
        name in "\\PC{0,60}",
    ) {
        let mut deployment = report("canary.json");
        deployment.service = name;
        let record = &mut deployment.record;
        let from = record.started_at;
        record.finished_at = from + jiff::SignedDuration::from_secs(length);
        record.timeline = moments
            .into_iter()
            .map(|(second, weight, running)| switchyard_engine::TimelineEntry {
                at: from + jiff::SignedDuration::from_secs(second),
                stage: "X".to_owned(),
                weight,
                running: Some(running),
                desired: Some(4),
                healthy: None,
            })
            .collect();
        assert_fits(&svg(std::slice::from_ref(&deployment)));
        prop_assert!(markdown(&[deployment]).len() < 60_000);
    }
}
