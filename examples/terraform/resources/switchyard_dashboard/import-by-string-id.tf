import {
  to = switchyard_dashboard.checkout
  id = "shop-checkout"
}
