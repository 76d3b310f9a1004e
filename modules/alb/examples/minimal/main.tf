module "alb" {
  source = "../.."

  name            = "minimal"
  vpc_id          = var.vpc_id
  subnet_ids      = var.subnet_ids
  certificate_arn = var.certificate_arn

  services = {
    web = { port = 8080, priority = 100, path_patterns = ["/*"] }
  }
}
