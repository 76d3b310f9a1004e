# NAME.
terraform import switchyard_service_group.booking event-booking
