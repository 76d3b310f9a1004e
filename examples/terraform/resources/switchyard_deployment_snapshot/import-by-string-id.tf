import {
  to = switchyard_deployment_snapshot.checkout
  id = "main/checkout/20261121T123456Z-1a2b3c4d@folder:switchyard-snapshots"
}
