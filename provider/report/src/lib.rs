//! Reports of deployments (the files that `report_path` names) as something to look at: one HTML page, a picture, or Markdown
//! for a pull request.
//!
//! **Invariant.** Pure: text goes in, text comes out. No file is read, no clock, no network; a page that this crate makes
//! refers to nothing outside of itself. Whatever stands in a report is text of others and is escaped.

mod axis;
mod figure;
mod follow;
mod html;
mod markdown;
mod overview;
mod read;
mod spark;
mod story;
mod style;
mod svg;
mod text;
mod traffic;
mod words;

pub use follow::Follower;
pub use html::html;
pub use markdown::markdown;
pub use overview::svg;
pub use read::{Deployment, Unread, read};
pub use text::{code, plain, words};
