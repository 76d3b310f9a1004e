# Where the pipeline pushes the images: scanned, with tags that never change.
module "registry" {
  source = "../../../../modules/registry"

  repository_names = [for name in keys(local.services) : "${var.name}/${name}-service"]
}
