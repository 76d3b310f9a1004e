# What has changed since the last good snapshot:
data "switchyard_deployment_snapshot" "last_good" {
  cluster = "main"
  service = "checkout"
}

data "switchyard_deployment_snapshot_diff" "since_then" {
  cluster = "main"
  service = "checkout"
  from    = data.switchyard_deployment_snapshot.last_good.snapshot_id
}

output "changes" {
  value = data.switchyard_deployment_snapshot_diff.since_then.text
}
