//! An AWS on loopback for Terraform tests and demos.
