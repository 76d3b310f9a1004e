import {
  to = switchyard_blue_green_service.checkout

  identity = {
    cluster = "main"
    name    = "checkout"
  }
}
