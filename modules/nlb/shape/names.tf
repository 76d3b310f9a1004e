# What is written, next to what Terraform makes of it, at every depth: a name that is only in the first does not exist.
# Terraform has no recursion, so each level is made from the one above it. A level that nothing reaches is empty.
locals {
  level_0 = try({ for name, service in var.written : "services.${name}" => { written = service, known = var.services[name] } }, {})

  level_1 = merge([for at, pair in local.level_0 : {
    for key, written in pair.written : can(keys(pair.written)) ? "${at}.${key}" : "${at}[${key}]" => { written = written, known = pair.known[key] }
    if written != null && !can(tostring(written)) && can(pair.known[key])
  }]...)

  level_2 = merge([for at, pair in local.level_1 : {
    for key, written in pair.written : can(keys(pair.written)) ? "${at}.${key}" : "${at}[${key}]" => { written = written, known = pair.known[key] }
    if written != null && !can(tostring(written)) && can(pair.known[key])
  }]...)

  objects = { for at, pair in merge(local.level_0, local.level_1, local.level_2) : at => pair if can(keys(pair.written)) }

  unknown = flatten([
    for at, pair in local.objects : [
      for key in setsubtract(keys(pair.written), keys(pair.known)) :
      "${at} has no setting ${key}; it has ${join(", ", keys(pair.known))}."
    ]
  ])
}
