# Cluster, service and name of the set.
terraform import switchyard_alarm_set.checkout main/checkout/shop-checkout
