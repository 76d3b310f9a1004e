//! Task definitions as documents in AWS's member names: what images make of one, and whether two mean the
//! same. Pure.

mod canonical;
mod images;

pub(crate) use canonical::canonical;
pub use canonical::registrable;
pub(crate) use images::with_images;
pub use images::{ImageChange, ImageChanges, ImagesRefused, image_changes};
