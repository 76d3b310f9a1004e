//! What to do next in a deployment: a pure, total decision function.
