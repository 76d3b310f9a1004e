//! The only crate that sees the AWS SDK: batching, rate limits, error classification.
