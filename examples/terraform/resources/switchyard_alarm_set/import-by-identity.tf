import {
  to = switchyard_alarm_set.checkout

  identity = {
    cluster = "main"
    service = "checkout"
    name    = "shop-checkout"
  }
}
