import {
  to = switchyard_service_group.booking

  identity = {
    name = "event-booking"
  }
}
