//! Emergency scaling in plans: a note while it is expected, and why something is put back once it is over.

use jiff::Timestamp;
use switchyard_engine::emergency::EmergencyScaling;
use switchyard_engine::ports::{Bounds, cluster_name};
use tfplugin::diagnostic::Diagnostic;

/// A number of tasks or bounds are raised, and no plan takes them back before the time is over.
const EXPECTED: &str = "SY0185";

/// The time is over.
const OVER: &str = "SY0186";

/// What of the note is in force.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Standing {
    /// Until its time is over.
    Expected,
    /// Its time is over, and it is not put back yet.
    Over,
}

/// Whether a number of tasks is what an emergency has left whose time is over. `found` is as the engine shows it.
pub(crate) fn is_left_over(note: Option<&EmergencyScaling>, found: u32, now: Timestamp) -> bool {
    note.is_some_and(|note| of_count(note, found, now) == Some(Standing::Over))
}

/// The same for bounds.
pub(crate) fn are_left_over(
    note: Option<&EmergencyScaling>,
    found: Bounds,
    now: Timestamp,
) -> bool {
    note.is_some_and(|note| of_bounds(note, found, now) == Some(Standing::Over))
}

fn of_count(note: &EmergencyScaling, found: u32, now: Timestamp) -> Option<Standing> {
    let raised = note.count?;
    match note.is_over(now) {
        false => (found == raised.from).then_some(Standing::Expected),
        true => (found == raised.to).then_some(Standing::Over),
    }
}

fn of_bounds(note: &EmergencyScaling, found: Bounds, now: Timestamp) -> Option<Standing> {
    let raised = note.bounds?;
    match note.is_over(now) {
        false => (found == raised.from).then_some(Standing::Expected),
        true => (found == raised.to).then_some(Standing::Over),
    }
}

/// Whose emergency it is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Whose<'a> {
    /// Cluster name or ARN.
    pub(crate) cluster: &'a str,
    /// Service name.
    pub(crate) service: &'a str,
}

/// The warning about a number of tasks.
pub(crate) fn count_warning(
    whose: Whose<'_>,
    note: &EmergencyScaling,
    found: u32,
    now: Timestamp,
) -> Option<Diagnostic> {
    let raised = note.count?;
    let standing = of_count(note, found, now)?;
    let what = format!("{} tasks instead of {}", raised.to, raised.from);
    Some(told(whose, note, standing, &what, "`desired_count`"))
}

/// The warning about bounds.
pub(crate) fn bounds_warning(
    whose: Whose<'_>,
    note: &EmergencyScaling,
    found: Bounds,
    now: Timestamp,
) -> Option<Diagnostic> {
    let raised = note.bounds?;
    let standing = of_bounds(note, found, now)?;
    let what = format!(
        "{} to {} tasks instead of {} to {}",
        raised.to.min, raised.to.max, raised.from.min, raised.from.max
    );
    Some(told(
        whose,
        note,
        standing,
        &what,
        "`min_capacity` or `max_capacity`",
    ))
}

fn told(
    whose: Whose<'_>,
    note: &EmergencyScaling,
    standing: Standing,
    what: &str,
    attributes: &str,
) -> Diagnostic {
    let Whose { cluster, service } = whose;
    let back = format!(
        "`switchyard scale {service} --cluster {} --restore`",
        cluster_name(cluster)
    );
    let reason = match note.reason.as_str() {
        "" => String::new(),
        reason => format!("\n\nReason: \"{reason}\"."),
    };
    let until = note.until;
    match standing {
        Standing::Expected => Diagnostic::warning(
            format!("Service `{service}` has emergency scaling until {until}"),
            format!(
                "It has {what}. This is expected until {until}: it is not drift, and no apply takes it back before then, \
                 unless the configuration changes {attributes}.{reason}\n\nTo end it earlier, run {back}.\n\nRule \
                 {EXPECTED}."
            ),
        ),
        Standing::Over => Diagnostic::warning(
            format!("The emergency scaling of service `{service}` is over since {until}"),
            format!(
                "It still has {what}.{reason}\n\nThe next apply sets what the configuration says. To put back what there \
                 was without an apply, run {back}. If the load is still there, raise it again first: `switchyard scale \
                 {service} --cluster {} --count … --reason …`.\n\nRule {OVER}.",
                cluster_name(cluster)
            ),
        ),
    }
}
