import {
  to = switchyard_blue_green_service.checkout
  id = "main/checkout"
}
