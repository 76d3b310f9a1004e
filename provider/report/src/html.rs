//! One page that needs nothing else: no script, no network.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use switchyard_engine::{RecordFailure, TimelineEntry};

use crate::figure;
use crate::overview;
use crate::read::Deployment;
use crate::story::{self, Part};
use crate::style;
use crate::svg::Svg;
use crate::text::{counted, duration, number, xml};
use crate::traffic;
use crate::words;

/// Most rows of a table: more are in the file.
const MOST_ROWS: usize = 500;

/// The page.
pub fn html(deployments: &[Deployment]) -> String {
    let title = match deployments {
        [one] => format!(
            "{}/{} {}",
            one.cluster,
            one.service,
            words::ended(one.record.outcome)
        ),
        several => counted(several.len(), "deployment", "deployments"),
    };
    let mut page = format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n<meta name=\"viewport\" \
         content=\"width=device-width, initial-scale=1\"/>\n<meta http-equiv=\"Content-Security-Policy\" \
         content=\"default-src 'none'; style-src 'unsafe-inline'\"/>\n<meta name=\"referrer\" \
         content=\"no-referrer\"/>\n<title>{title}</title>\n<style>{}{}</style>\n</head>\n<body>\n<main>\n<h1>{title}</h1>\n",
        style::PAGE,
        style::PICTURE,
        title = xml(&title),
    );
    if deployments.len() > 1 {
        let mut svg = Svg::default();
        let height = overview::draw(&mut svg, deployments, 0.0);
        page.push_str(&svg.element(height, &overview::about(deployments)));
    }
    for deployment in deployments {
        section(&mut page, deployment, deployments.len() > 1);
    }
    page.push_str(
        "<footer>Times are UTC. Made by <code>switchyard report</code> from the files that \
         <code>report_path</code> names.</footer>\n</main>\n</body>\n</html>\n",
    );
    page
}

fn section(page: &mut String, deployment: &Deployment, is_one_of_several: bool) {
    let record = &deployment.record;
    page.push_str("<section>\n");
    if is_one_of_several {
        page.push_str(&format!(
            "<h2>{}/{} <span class=\"{}\">{}</span></h2>\n",
            xml(&deployment.cluster),
            xml(&deployment.service),
            words::mood(record.outcome).class(),
            words::label(record.outcome)
        ));
    }
    page.push_str(&format!("<p>{}</p>\n", paragraph(deployment)));
    let mut svg = Svg::default();
    let height = figure::draw(&mut svg, deployment, 0.0);
    let about = overview::about(std::slice::from_ref(deployment));
    page.push_str(&svg.element(height, &about));
    if let Some(failure) = &record.failure {
        self::failure(page, failure);
    }
    gates(page, deployment);
    timeline(page, deployment);
    events(page, deployment);
    facts(page, deployment);
    page.push_str("</section>\n");
}

fn paragraph(deployment: &Deployment) -> String {
    let parts = story::tell(deployment).into_iter();
    parts
        .map(|part| match part {
            Part::Name(name) => format!("<code>{}</code>", xml(&name)),
            Part::Quote(text) | Part::Words(text) => xml(&text),
        })
        .collect::<String>()
        .trim_end()
        .to_owned()
}

/// The message of the apply, paragraph by paragraph.
fn failure(page: &mut String, failure: &RecordFailure) {
    page.push_str(&format!(
        "<div class=\"failure\">\n<h3>{} ({})</h3>\n<p>{}</p>\n",
        xml(&failure.summary),
        xml(&failure.code),
        lines(&failure.now),
    ));
    if !failure.why.is_empty() {
        let why: Vec<String> = failure.why.iter().map(|why| multi(why)).collect();
        page.push_str(&format!("<pre>{}</pre>\n", why.join("\n")));
    }
    page.push_str(&format!("<p>{}</p>\n</div>\n", lines(&failure.next)));
}

/// Text whose line ends are kept as elements.
fn lines(text: &str) -> String {
    let lines: Vec<String> = text.lines().map(xml).collect();
    lines.join("<br/>")
}

/// Text whose line ends are kept as they are.
fn multi(text: &str) -> String {
    let lines: Vec<String> = text.lines().map(xml).collect();
    lines.join("\n")
}

/// A table; what does not fit is counted.
fn table(page: &mut String, title: &str, heads: &[&str], rows: &[Vec<String>]) {
    if rows.is_empty() {
        return;
    }
    let heads: String = heads
        .iter()
        .map(|head| format!("<th>{head}</th>"))
        .collect();
    let heads = match heads.is_empty() {
        true => heads,
        false => format!("<thead><tr>{heads}</tr></thead>\n"),
    };
    page.push_str(&format!(
        "<h3>{title}</h3>\n<div class=\"scroll\"><table>\n{heads}<tbody>\n"
    ));
    for row in rows.iter().take(MOST_ROWS) {
        page.push_str(&format!("<tr>{}</tr>\n", row.concat()));
    }
    page.push_str("</tbody>\n</table></div>\n");
    let more = rows.len().saturating_sub(MOST_ROWS);
    if more > 0 {
        page.push_str(&format!(
            "<p>{} in the file.</p>\n",
            counted(more, "more row is", "more rows are")
        ));
    }
}

fn cell(text: &str) -> String {
    format!("<td>{}</td>", xml(text))
}

fn time(at: Timestamp) -> String {
    let at = at.to_zoned(TimeZone::UTC);
    format!("<td class=\"narrow\">{}</td>", at.strftime("%H:%M:%S"))
}

fn gates(page: &mut String, deployment: &Deployment) {
    let rows: Vec<Vec<String>> = deployment
        .record
        .gates
        .iter()
        .map(|gate| {
            let observes = match gate.observe_only {
                true => ", observes only",
                false => "",
            };
            vec![
                time(gate.at),
                format!("<td><code>{}</code></td>", xml(&gate.gate)),
                cell(&words::moment(&gate.moment, gate.weight)),
                format!(
                    "<td class=\"{}\">{}{observes}</td>",
                    words::verdict_mood(gate.verdict).class(),
                    words::verdict(gate.verdict)
                ),
                cell(&gate.measurements.to_string()),
                cell(&gate.message),
            ]
        })
        .collect();
    let heads = [
        "UTC",
        "Gate",
        "When",
        "Verdict",
        "Measured",
        "What decided it",
    ];
    table(page, "Gates", &heads, &rows);
}

fn timeline(page: &mut String, deployment: &Deployment) {
    let tasks = |entry: &TimelineEntry| match (entry.running, entry.desired) {
        (Some(running), Some(desired)) => format!("{running} of {desired}"),
        (Some(running), None) => running.to_string(),
        (None, _) => String::new(),
    };
    let rows: Vec<Vec<String>> = traffic::moments(&deployment.record)
        .into_iter()
        .map(|(at, entry)| {
            let weight = entry.weight.map(|weight| format!("{} %", number(weight)));
            let healthy = entry.healthy.map(|healthy| healthy.to_string());
            vec![
                time(at),
                cell(&entry.stage),
                cell(&weight.unwrap_or_default()),
                cell(&tasks(entry)),
                cell(&healthy.unwrap_or_default()),
            ]
        })
        .collect();
    let heads = [
        "UTC",
        "Stage",
        "New revision",
        "Tasks running",
        "Healthy targets",
    ];
    table(page, "Stages", &heads, &rows);
}

fn events(page: &mut String, deployment: &Deployment) {
    let rows: Vec<Vec<String>> = deployment
        .record
        .events
        .iter()
        .map(|event| vec![time(event.at), cell(&event.message)])
        .collect();
    table(page, "Events of the service", &["UTC", "ECS says"], &rows);
}

/// What does not change over time.
fn facts(page: &mut String, deployment: &Deployment) {
    let record = &deployment.record;
    let mut rows = Vec::new();
    let mut fact = |name: &str, value: &str| rows.push(vec![cell(name), cell(value)]);
    if let Some(id) = &record.id {
        fact("Deployment", id);
    }
    fact("Reason", &record.reason);
    fact("New task definition", &record.to_task_definition);
    if let Some(from) = &record.from_task_definition {
        fact("Old task definition", from);
    }
    if let Some(group) = &record.new_target_group {
        fact("New target group", group);
    }
    if let Some(group) = &record.old_target_group {
        fact("Old target group", group);
    }
    if let Some(score) = record.score {
        fact("Health score", &format!("{score} of 100"));
    }
    if let Some(seconds) = record.recovery_seconds {
        fact("Way back", &duration(seconds));
    }
    if !record.alarms.is_empty() {
        fact("Alarms", &record.alarms.join(", "));
    }
    for image in &record.images {
        let digest = image.digest.as_ref();
        let digest = digest.map(|digest| format!(" ({digest})"));
        fact(
            &format!("Image of {}", image.container),
            &format!("{}{}", image.image, digest.unwrap_or_default()),
        );
    }
    table(page, "Facts", &[], &rows);
}
