data "switchyard_deployment_snapshots" "checkout" {
  cluster = "main"
  service = "checkout"
}

output "snapshots" {
  value = {
    for snapshot in data.switchyard_deployment_snapshots.checkout.snapshots :
    snapshot.snapshot_id => snapshot.condition
  }
}
