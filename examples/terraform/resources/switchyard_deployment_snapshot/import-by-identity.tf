import {
  to = switchyard_deployment_snapshot.checkout

  identity = {
    cluster     = "main"
    service     = "checkout"
    place       = "folder:switchyard-snapshots"
    snapshot_id = "20261121T123456Z-1a2b3c4d"
  }
}
