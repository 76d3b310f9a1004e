# Only images that cannot change are accepted. Requires Terraform 1.8 or OpenTofu 1.7.
variable "image" {
  type = string

  validation {
    condition     = provider::switchyard::image(var.image).digest != null
    error_message = "The image must be named by its digest."
  }
}

output "repository" {
  value = provider::switchyard::image("public.ecr.aws/nginx/nginx:1.29").repository
}
