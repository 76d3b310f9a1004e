# The newest snapshot of each service of a cluster. Requires Terraform 1.14.
list "switchyard_deployment_snapshot" "main" {
  provider = switchyard

  config {
    clusters = ["main"]

    bucket {
      name = "shop-snapshots"
    }
  }
}
