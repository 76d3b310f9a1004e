//! JUnit XML: one case per difference that counts; those below the threshold pass and say so.

use std::io::{Result, Write};

use serde_json::Value;

use super::{explanation_with_money, happened, money, plain};
use crate::finding::Report;

fn escaped(text: &str) -> String {
    plain(text)
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

pub(super) fn write(report: &Report, out: &mut dyn Write) -> Result<()> {
    let blocking = report
        .counted()
        .filter(|(_, severity)| *severity >= report.block_on)
        .count();
    let cases = report.counted().count() + 1;
    writeln!(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>")?;
    writeln!(
        out,
        "<testsuites>\n  <testsuite name=\"drift\" tests=\"{cases}\" failures=\"{blocking}\" errors=\"{}\">",
        usize::from(report.reading.errored)
    )?;
    let total = money::total(report);
    writeln!(out, "    <properties>")?;
    for name in ["difference", "currency", "unknown"] {
        let value = match total.get(name) {
            None | Some(Value::Null) => "unknown".to_owned(),
            Some(value) => value.to_string(),
        };
        writeln!(
            out,
            "      <property name=\"monthly_cost_{name}\" value=\"{}\"/>",
            escaped(value.trim_matches('"'))
        )?;
    }
    writeln!(out, "    </properties>")?;
    write!(out, "    <testcase classname=\"terraform\" name=\"plan\">")?;
    if report.reading.errored {
        write!(out, "<error message=\"{}\"/>", escaped(&report.sentence()))?;
    }
    writeln!(out, "</testcase>")?;
    for (finding, severity) in report.counted() {
        let (element, message) = if severity >= report.block_on {
            ("failure", happened(finding))
        } else {
            ("system-out", String::new())
        };
        write!(
            out,
            "    <testcase classname=\"{}\" name=\"{} {}\"><{element}",
            escaped(finding.rule.id),
            escaped(&finding.address),
            escaped(finding.what.attribute())
        )?;
        if !message.is_empty() {
            write!(
                out,
                " type=\"{}\" message=\"{}\"",
                severity.word(),
                escaped(&message)
            )?;
        }
        writeln!(
            out,
            ">{}: {}. {}</{element}></testcase>",
            severity.word(),
            escaped(&happened(finding)),
            escaped(&explanation_with_money(finding, report))
        )?;
    }
    writeln!(out, "  </testsuite>\n</testsuites>")
}
