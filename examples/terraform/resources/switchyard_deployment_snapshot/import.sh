# CLUSTER/SERVICE/SNAPSHOT_ID@PLACE. PLACE is `folder:PATH` or `s3://BUCKET/PREFIX`; the default folder without it.
# Without SNAPSHOT_ID, the newest one.
terraform import switchyard_deployment_snapshot.checkout main/checkout/20261121T123456Z-1a2b3c4d@s3://shop-snapshots/production
