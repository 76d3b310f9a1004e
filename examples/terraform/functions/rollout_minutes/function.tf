# A canary of ten minutes and a bake time of five take fifteen. Requires Terraform 1.8 or OpenTofu 1.7.
output "minutes" {
  value = provider::switchyard::rollout_minutes({
    strategy  = "canary"
    canary    = { percent = 10, interval = "10m" }
    bake_time = "5m"
  })
}
