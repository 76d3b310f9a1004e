locals {
  # The container that serves, by service.
  container_names = { for name, service in local.services : name => coalesce(service.container_name, name) }

  # A port needs a name only for those that refer to it.
  named_ports = {
    for name, service in local.services : name => anytrue([
      service.app_protocol != null,
      length(local.offered[name]) > 0,
      length(service.vpc_lattice_configurations) > 0,
    ])
  }

  port_names = {
    for name, service in local.services : name => service.port_name != null || !local.named_ports[name] ? service.port_name : local.container_names[name]
  }

  # What is written in container_definitions: of the container that serves, and the other containers.
  written_containers = {
    for name, service in local.services : name => jsondecode(coalesce(service.container_definitions, "[]"))
  }

  own_containers = {
    for name, service in local.services : name => {
      name      = local.container_names[name]
      essential = true
      portMappings = [{
        for key, value in { containerPort = service.port, protocol = service.protocol, name = local.port_names[name], appProtocol = service.app_protocol } :
        key => value if value != null
      }]
      command                = service.command
      user                   = service.user
      readonlyRootFilesystem = service.readonly_root_filesystem ? true : null
      environment            = [for name, text in service.environment : { name = name, value = text }]
      secrets                = [for name, reference in service.secrets : { name = name, valueFrom = reference }]
      mountPoints            = length(service.mount_points) == 0 ? null : [for volume, path in service.mount_points : { sourceVolume = volume, containerPath = path, readOnly = false }]
      healthCheck = service.health_check == null ? null : {
        command     = service.health_check.command
        interval    = service.health_check.interval
        timeout     = service.health_check.timeout
        retries     = service.health_check.retries
        startPeriod = service.health_check.start_period
      }
      logConfiguration = {
        logDriver = "awslogs"
        options = {
          awslogs-group         = aws_cloudwatch_log_group.this[name].name
          awslogs-region        = local.region
          awslogs-stream-prefix = name
        }
      }
    }
  }

  # First the container that serves: what container_definitions says of it replaces what the settings say, except the
  # image. Settings that are not there are left out, because ECS does not give nulls back.
  containers = {
    for name, service in local.services : name => concat(
      [merge(concat(
        [{ for key, value in local.own_containers[name] : key => value if value != null }],
        [for container in local.written_containers[name] : container if container.name == local.container_names[name]],
        [{ image = coalesce(service.base_image, service.image) }],
      )...)],
      [for container in local.written_containers[name] : container if container.name != local.container_names[name]],
    )
  }

  # Volumes of the task definition; that of volume_configuration is among them.
  volumes = {
    for name, service in local.services : name => merge(
      { for volume in service.volume_configuration[*] : volume.name => { host_path = null, configure_at_launch = true, efs_volume_configuration = null } },
      service.volumes,
    )
  }
}

resource "aws_ecs_task_definition" "this" {
  for_each = local.services

  family                   = "${var.name}-${each.key}"
  requires_compatibilities = each.value.requires_compatibilities
  network_mode             = "awsvpc"
  cpu                      = each.value.cpu
  memory                   = each.value.memory
  execution_role_arn       = each.value.create_execution_role ? aws_iam_role.execution[each.key].arn : each.value.execution_role_arn
  task_role_arn            = each.value.create_task_role ? aws_iam_role.task[each.key].arn : each.value.task_role_arn
  container_definitions    = jsonencode(local.containers[each.key])
  tags                     = merge(var.tags, each.value.tags)

  # A rollback needs the old revision, so Terraform must not deregister it.
  skip_destroy = true

  runtime_platform {
    operating_system_family = "LINUX"
    cpu_architecture        = each.value.cpu_architecture
  }

  dynamic "ephemeral_storage" {
    for_each = each.value.ephemeral_storage[*]

    content {
      size_in_gib = ephemeral_storage.value
    }
  }

  dynamic "volume" {
    for_each = local.volumes[each.key]

    content {
      name                = volume.key
      host_path           = volume.value.host_path
      configure_at_launch = volume.value.configure_at_launch

      dynamic "efs_volume_configuration" {
        for_each = volume.value.efs_volume_configuration[*]

        content {
          file_system_id          = efs_volume_configuration.value.file_system_id
          root_directory          = efs_volume_configuration.value.root_directory
          transit_encryption      = efs_volume_configuration.value.transit_encryption
          transit_encryption_port = efs_volume_configuration.value.transit_encryption_port

          dynamic "authorization_config" {
            for_each = efs_volume_configuration.value.authorization_config[*]

            content {
              access_point_id = authorization_config.value.access_point_id
              iam             = authorization_config.value.iam
            }
          }
        }
      }
    }
  }
}
