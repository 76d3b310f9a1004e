# Every object that is written, next to what Terraform makes of it: what is only in the first is a name that does not exist.
locals {
  written = try({ for name, service in var.written : name => service }, {})

  objects = flatten([
    for name, service in local.written : [
      [{ at = "services.${name}", written = keys(service), known = keys(var.services[name]) }],
    ]
  ])

  unknown = flatten([
    for object in local.objects : [
      for key in setsubtract(object.written, object.known) :
      "${object.at} has no setting ${key}; it has ${join(", ", object.known)}."
    ]
  ])
}
