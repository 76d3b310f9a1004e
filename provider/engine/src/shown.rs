//! What was written just now, and is not shown yet: reads of AWS lag behind its writes.

use std::time::Duration;

use futures::future::BoxFuture;

use crate::ports::{Clock, ErrorKind, Result};

/// How often something that AWS must know already is looked for: two minutes. Nothing of it is documented; what lags
/// longer has not been seen.
pub(crate) const TRIES: u32 = 40;
pub(crate) const PAUSE: Duration = Duration::from_secs(3);

/// Looks until it is shown what was written, which what it needs may also not be found for yet. In the end what is
/// shown counts.
pub(crate) async fn until_shown<'f, T>(
    clock: &dyn Clock,
    look: impl Fn() -> BoxFuture<'f, Result<T>>,
    is_shown: impl Fn(&T) -> bool,
) -> Result<T> {
    let mut tries = 1;
    loop {
        let seen = look().await;
        let is_over = match &seen {
            Ok(seen) => is_shown(seen),
            Err(error) => error.kind != ErrorKind::NotFound,
        };
        if is_over || tries == TRIES {
            return seen;
        }
        tries += 1;
        clock.sleep(PAUSE).await;
    }
}
