# CLUSTER/SERVICE, or the service's long ARN. In another region than the provider's: CLUSTER/SERVICE@REGION.
terraform import switchyard_blue_green_service.checkout main/checkout
