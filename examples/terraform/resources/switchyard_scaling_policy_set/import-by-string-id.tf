import {
  to = switchyard_scaling_policy_set.checkout
  id = "main/checkout"
}
