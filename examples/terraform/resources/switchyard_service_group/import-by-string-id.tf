import {
  to = switchyard_service_group.booking
  id = "event-booking"
}
