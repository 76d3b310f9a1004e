//! One connection.

use jiff::Timestamp;

use super::ask::Missed;
use super::config::ConnectCheck;
use super::means::Means;
use crate::ports::ConnectRequest;

const SECONDS_A_DAY: i64 = 24 * 60 * 60;

/// Opens a connection: `Ok` when it came about, with a certificate that is valid for long enough. Both say what was seen.
pub(super) async fn connect(means: Means<'_>, check: &ConnectCheck) -> Result<String, Missed> {
    let whom = show_address(&check.host, check.port);
    let request = ConnectRequest {
        host: check.host.clone(),
        port: check.port,
        server_name: check.tls.as_ref().map(|tls| tls.server_name.clone()),
        timeout: check.timeout,
    };
    let connected = means
        .probes
        .connect(&request)
        .await
        .map_err(|failure| Missed::Bad(format!("{whom}: {failure}")))?;
    let time = connected.latency.as_micros().div_ceil(1000);
    let Some(tls) = &check.tls else {
        return Ok(format!("{whom}: connected in {time} ms"));
    };
    let Some(expires_at) = connected.expires_at else {
        return Err(Missed::Bad(format!(
            "{whom}: the certificate's end of validity cannot be read"
        )));
    };
    let days = days_left(means.clock.now(), expires_at);
    let words = format!(
        "{whom}: the certificate for `{}` is valid for {days} days",
        tls.server_name
    );
    if days < i64::from(tls.minimum_days) {
        return Err(Missed::Bad(format!(
            "{words}, until {expires_at}; `minimum_days` is {}",
            tls.minimum_days
        )));
    }
    Ok(words)
}

/// Whole days until then; negative afterwards.
fn days_left(now: Timestamp, until: Timestamp) -> i64 {
    until
        .duration_since(now)
        .as_secs()
        .div_euclid(SECONDS_A_DAY)
}

fn show_address(host: &str, port: u16) -> String {
    if host.contains(':') {
        format!("[{host}]:{port}")
    } else {
        format!("{host}:{port}")
    }
}
