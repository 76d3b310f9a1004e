# All services of a cluster whose names begin with `shop-`. Requires Terraform 1.14; `terraform query
# -generate-config-out=generated.tf` writes a resource and an import block for each.
list "switchyard_blue_green_service" "shop" {
  provider = switchyard

  config {
    clusters    = ["main"]
    name_prefix = "shop-"
  }
}
