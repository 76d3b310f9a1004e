import {
  to = switchyard_blue_green_function.checkout
  id = "shop-checkout:live"
}
