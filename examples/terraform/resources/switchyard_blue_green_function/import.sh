# Name of the function and name of the alias.
terraform import switchyard_blue_green_function.checkout shop-checkout:live
