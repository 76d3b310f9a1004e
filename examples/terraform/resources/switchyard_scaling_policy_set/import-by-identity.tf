import {
  to = switchyard_scaling_policy_set.checkout

  identity = {
    cluster = "main"
    service = "checkout"
  }
}
