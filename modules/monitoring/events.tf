locals {
  of_ecs = {
    deployment-failed = {
      severity = "critical", type = "ECS Deployment State Change", events = ["SERVICE_DEPLOYMENT_FAILED"]
      what     = "A deployment of a service has failed"
    }
    deployment-completed = {
      severity = "info", type = "ECS Deployment State Change", events = ["SERVICE_DEPLOYMENT_COMPLETED"]
      what     = "A deployment of a service has completed"
    }
    tasks-do-not-start = {
      severity = "warning", type = "ECS Service Action", events = ["SERVICE_TASK_START_IMPAIRED", "SERVICE_TASK_PLACEMENT_FAILURE"]
      what     = "A service cannot start or place its tasks"
    }
  }

  of_codedeploy = {
    codedeploy-failed    = { severity = "critical", states = ["FAILURE", "STOP"], what = "A deployment of CodeDeploy has failed or was stopped" }
    codedeploy-completed = { severity = "info", states = ["SUCCESS"], what = "A deployment of CodeDeploy has completed" }
  }

  rules = merge(
    { for name, it in local.of_ecs : name => {
      severity = it.severity, what = it.what
      pattern = {
        source      = ["aws.ecs"]
        detail-type = [it.type]
        resources   = [{ prefix = local.service_prefix }]
        detail      = { eventName = it.events }
      }
      paths    = { event = "$.detail.eventName", object = "$.resources[0]", reason = "$.detail.reason" }
      template = "\"<event> <object> <reason>\""
    } },
    # The only event that Application Auto Scaling sends.
    { scaled-to-maximum = {
      severity = "warning", what = "A service runs as many tasks as it may"
      pattern = {
        source      = ["aws.application-autoscaling"]
        detail-type = ["Application Auto Scaling Scaling Activity State Change"]
        detail      = { resourceId = [{ prefix = "service/${var.cluster_name}/" }], scaledToMax = [true] }
      }
      paths    = { object = "$.detail.resourceId", tasks = "$.detail.newDesiredCapacity" }
      template = "\"<object> was scaled to its maximum of <tasks> tasks\""
    } },
    { for name, it in local.of_codedeploy : name => {
      severity = it.severity, what = it.what
      pattern = {
        source      = ["aws.codedeploy"]
        detail-type = ["CodeDeploy Deployment State-change Notification"]
        detail      = { application = [var.codedeploy_application], state = it.states }
      }
      paths    = { state = "$.detail.state", group = "$.detail.deploymentGroup", deployment = "$.detail.deploymentId" }
      template = "\"Deployment <deployment> of <group>: <state>\""
    } if var.codedeploy_application != null },
  )
}

resource "aws_cloudwatch_event_rule" "this" {
  for_each = { for name, rule in local.rules : name => rule if var.create }

  name          = "${var.name}-${each.key}"
  description   = "${each.value.what}."
  event_pattern = jsonencode(each.value.pattern)

  tags = var.tags
}

resource "aws_cloudwatch_event_target" "this" {
  for_each = { for name, rule in local.rules : name => rule if var.create }

  rule      = aws_cloudwatch_event_rule.this[each.key].name
  target_id = "topic"
  arn       = local.topics[each.value.severity]

  input_transformer {
    input_paths    = each.value.paths
    input_template = each.value.template
  }
}
