output "services" {
  description = "The services, with a default for each setting that is not written."
  value       = var.services

  precondition {
    condition     = length(local.unknown) == 0
    error_message = "Settings that do not exist:\n${join("\n", local.unknown)}"
  }
}
