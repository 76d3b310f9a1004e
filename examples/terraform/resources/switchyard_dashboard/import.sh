# Name of the dashboard.
terraform import switchyard_dashboard.checkout shop-checkout
