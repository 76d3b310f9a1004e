# In a bucket, with a copy in a different region:
resource "switchyard_deployment_snapshot" "kept" {
  cluster = "main"
  service = "checkout"
  keep    = ["20261121T123456Z-1a2b3c4d"]

  triggers = {
    release = "2026.47"
  }

  bucket {
    name   = "shop-snapshots"
    prefix = "production/"
  }

  copy_to {
    name   = "shop-snapshots-north"
    region = "eu-north-1"
  }

  retention {
    count   = 20
    max_age = "90d"
  }
}
