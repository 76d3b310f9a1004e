import {
  to = switchyard_blue_green_function.checkout

  identity = {
    function_name = "shop-checkout"
    name          = "live"
  }
}
