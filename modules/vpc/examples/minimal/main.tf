module "vpc" {
  source = "../.."

  name               = "minimal"
  availability_zones = ["${var.region}a", "${var.region}b"]
}
