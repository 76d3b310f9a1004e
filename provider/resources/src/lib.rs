//! What Terraform sees: one folder per resource.
