# CLUSTER/SERVICE/SNAPSHOT_ID@PLACE. PLACE is `folder:PATH` or `s3://BUCKET/PREFIX`, and defaults to the default folder.
# SNAPSHOT_ID defaults to the newest snapshot.
terraform import switchyard_deployment_snapshot.checkout main/checkout/20261121T123456Z-1a2b3c4d@s3://shop-snapshots/production
