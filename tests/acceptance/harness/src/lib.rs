//! Runs the real terraform against the lab.
