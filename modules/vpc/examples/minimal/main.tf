module "vpc" {
  source = "../.."

  name               = "vpc-minimal"
  availability_zones = ["${var.region}a", "${var.region}b"]
}
