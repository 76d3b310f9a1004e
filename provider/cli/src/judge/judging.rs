//! What findings are judged by.

use jiff::civil::Date;

use crate::allow::Exceptions;
use crate::money::Prices;

/// What findings are judged by.
pub(crate) struct Judging<'g> {
    pub(crate) exceptions: &'g Exceptions,
    pub(crate) prices: &'g Prices,
    pub(crate) today: Date,
}
