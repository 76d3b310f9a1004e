//! What every connection needs of the machine it runs on: the addresses of a name ([`resolve`]), and the
//! certificate authorities to trust ([`roots`]).
//!
//! Both work on a machine that has nothing: the programs are linked statically on Linux, and start in an empty
//! container image.

mod names;
mod roots;

pub use names::{Unresolved, resolve};
pub use roots::{roots, roots_as_pem};
