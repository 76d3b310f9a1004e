import {
  to = switchyard_alarm_set.checkout
  id = "main/checkout/shop-checkout"
}
