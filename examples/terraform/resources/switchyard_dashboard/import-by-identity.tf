import {
  to = switchyard_dashboard.checkout

  identity = {
    name = "shop-checkout"
  }
}
