resource "switchyard_deployment_snapshot" "checkout" {
  cluster = "main"
  service = "checkout"

  triggers = {
    release = "2026.47"
  }
}
