# CLUSTER/SERVICE, or the service's long ARN.
terraform import switchyard_blue_green_service.checkout main/checkout
