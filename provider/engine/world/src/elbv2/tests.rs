//! Load balancing, told call by call.
