# CLUSTER/SERVICE.
terraform import switchyard_scaling_policy_set.checkout main/checkout
