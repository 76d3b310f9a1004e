variable "name" {
  type        = string
  description = "Name of the roles: NAME-plan and NAME-apply."

  validation {
    condition     = can(regex("^[A-Za-z0-9+=,.@_-]{1,58}$", var.name))
    error_message = "The name must have 1 to 58 letters, digits and + = , . @ _ -, because the names of the roles, limited to 64 characters, begin with it."
  }
}

variable "create" {
  type        = bool
  description = "Create anything at all; with `false` the module creates nothing, and its outputs are null or empty."
  default     = true
}

variable "ci" {
  type        = string
  description = "Who runs the pipeline: \"github\" or \"gitlab\"."

  validation {
    condition     = contains(["github", "gitlab"], var.ci)
    error_message = "The pipeline must be one of \"github\" or \"gitlab\"."
  }
}

variable "repository" {
  type        = string
  description = "Repository whose jobs may take the roles: OWNER/NAME on GitHub, the full path of the project on GitLab."

  validation {
    condition     = can(regex("^[A-Za-z0-9_.-]+(/[A-Za-z0-9_.-]+)+$", var.repository)) && (var.ci == "gitlab" || length(split("/", var.repository)) == 2)
    error_message = "The repository must be OWNER/NAME on GitHub or GROUP/…/PROJECT on GitLab, without wildcards: any repository that matches one could deploy."
  }
}

variable "branches" {
  type        = list(string)
  description = "Branches whose jobs may apply, unless environments are named. A * stands for any characters, as in release/*."
  default     = ["main"]

  validation {
    condition     = length(var.branches) >= 1 && alltrue([for branch in var.branches : can(regex("^[A-Za-z0-9_.-]+[A-Za-z0-9_./*-]*$", branch))])
    error_message = "At least one branch is needed, and each must begin with a letter, digit or _ . -: a branch that is only a wildcard would let every branch deploy."
  }
}

variable "environments" {
  type        = list(string)
  description = "Environments of GitHub whose jobs may apply, in place of the branches; protect them with reviewers. GitLab does not name the environment in a token's subject: protect the branch there."
  default     = []

  validation {
    condition     = alltrue([for environment in var.environments : can(regex("^[A-Za-z0-9_.-]+$", environment))])
    error_message = "An environment must be named by letters, digits and _ . -, without wildcards."
  }

  validation {
    condition     = length(var.environments) == 0 || var.ci == "github"
    error_message = "Only GitHub names the environment of a job in its token. Leave environments out and protect the branch in GitLab."
  }
}

variable "issuer_url" {
  type        = string
  description = "Who signs the tokens of jobs; null means GitHub's or GitLab's own. Set it for a server of your company."
  default     = null

  validation {
    condition     = var.issuer_url == null || can(regex("^https://[A-Za-z0-9.-]+(:[0-9]+)?(/[^?#]*[^/?#])?$", var.issuer_url))
    error_message = "The issuer must be an https URL without a slash at its end, such as https://gitlab.example.com, because tokens carry exactly that."
  }
}

variable "audience" {
  type        = string
  description = "Audience of the tokens; null means sts.amazonaws.com on GitHub and the issuer's URL on GitLab."
  default     = null
}

variable "create_oidc_provider" {
  type        = bool
  description = "Whether the OIDC provider of the issuer is created. An account has one for each issuer: with `false` the one that exists is used."
  default     = true
}

variable "features" {
  type        = list(string)
  description = "What of the provider the pipeline uses: keys of the output policies, which are the sections of the guide about IAM permissions."
  default     = ["always"]

  validation {
    condition     = contains(var.features, "always") && length(distinct(var.features)) == length(var.features)
    error_message = "The features must contain \"always\", without which no service can be read or deployed, and each only once."
  }
}

variable "cluster_name" {
  type        = string
  description = "ECS cluster of the services. Wildcards are possible."

  validation {
    condition     = can(regex("^[A-Za-z0-9_*-]+$", var.cluster_name)) && var.cluster_name != "*"
    error_message = "The cluster must be given by its name, not its ARN; a * stands for any characters, and must not be all there is."
  }
}

variable "load_balancer_names" {
  type        = list(string)
  description = "Load balancers whose rules the provider writes, for the features switchyard_listener_rule and controller-external."
  default     = []

  validation {
    condition     = alltrue([for name in var.load_balancer_names : can(regex("^[A-Za-z0-9*-]+$", name))])
    error_message = "A load balancer must be given by its name, not its ARN."
  }
}

variable "task_definition_families" {
  type        = list(string)
  description = "Families of task definitions that the provider registers revisions of."
  default     = []

  validation {
    condition     = alltrue([for family in var.task_definition_families : can(regex("^[A-Za-z0-9_*-]+$", family))])
    error_message = "A family must be given by its name, without a revision."
  }
}

variable "codedeploy_groups" {
  type        = list(string)
  description = "Deployment groups of CodeDeploy, as APPLICATION/GROUP, for the feature controller-codedeploy."
  default     = []

  validation {
    condition     = alltrue([for group in var.codedeploy_groups : can(regex("^[^/:]+/[^/:]+$", group))])
    error_message = "A deployment group must be written as APPLICATION/GROUP."
  }
}

variable "ecs_role_arns" {
  type        = list(string)
  description = "Roles that services pass to ECS: for load balancers, hooks and volumes. The output infrastructure_role_arn of the ecs module is one."
  default     = []

  validation {
    condition     = alltrue([for arn in var.ecs_role_arns : can(regex("^arn:aws[a-z-]*:iam::[0-9]{12}:role/.+$", arn))])
    error_message = "Every role must be the ARN of an IAM role, such as arn:aws:iam::123456789012:role/ecs-infrastructure."
  }
}

variable "task_role_arns" {
  type        = list(string)
  description = "Task roles and execution roles, for the feature the-provider-registers-task-definitions."
  default     = []

  validation {
    condition     = alltrue([for arn in var.task_role_arns : can(regex("^arn:aws[a-z-]*:iam::[0-9]{12}:role/.+$", arn))])
    error_message = "Every role must be the ARN of an IAM role, such as arn:aws:iam::123456789012:role/shop-web-task."
  }
}

variable "snapshot_locations" {
  type        = list(string)
  description = "Where snapshots are kept, as BUCKET/PREFIX (BUCKET/ for the whole bucket), for the feature snapshots-in-a-bucket."
  default     = []

  validation {
    condition     = alltrue([for location in var.snapshot_locations : can(regex("^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]/[^*]*$", location))])
    error_message = "A location must be the name of a bucket, a slash and a prefix, such as shop-snapshots/production/."
  }
}

variable "snapshot_kms_key_arns" {
  type        = list(string)
  description = "KMS keys that encrypt snapshots."
  default     = []

  validation {
    condition     = alltrue([for arn in var.snapshot_kms_key_arns : can(regex("^arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key/.+$", arn))])
    error_message = "Every key must be the ARN of a KMS key, such as arn:aws:kms:eu-west-1:123456789012:key/ID."
  }
}

variable "notification_arns" {
  type        = list(string)
  description = "Topics and event buses for notifications of deployments, and secrets and parameters of other receivers, for the feature notifications-and-metrics-of-deployments."
  default     = []

  validation {
    condition     = alltrue([for arn in var.notification_arns : can(regex("^arn:aws[a-z-]*:(sns|events|secretsmanager|ssm):[a-z0-9-]+:[0-9]{12}:.+$", arn))])
    error_message = "Every entry must be the ARN of an SNS topic, an event bus, a secret or a parameter, such as arn:aws:sns:eu-west-1:123456789012:deployments."
  }
}

variable "state" {
  type = object({
    bucket      = string
    key         = string
    kms_key_arn = optional(string)
  })
  description = "Terraform's state in S3: bucket, key (a * stands for any characters, for workspaces) and the KMS key of the bucket. Both roles may lock it; only the apply role may write it. null when it is elsewhere."
  default     = null

  validation {
    condition     = var.state == null || try(can(regex("^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$", var.state.bucket)) && length(var.state.key) >= 1 && !startswith(var.state.key, "/") && !contains(["*", "**"], var.state.key), false)
    error_message = "The state must have the name of a bucket and a key that neither begins with a slash nor is only a wildcard."
  }
}

variable "push_repository_arns" {
  type        = list(string)
  description = "ECR repositories to which the apply role may push images: the output repository_arns of the registry module."
  default     = []

  validation {
    condition     = alltrue([for arn in var.push_repository_arns : can(regex("^arn:aws[a-z-]*:ecr:[a-z0-9-]+:[0-9]{12}:repository/.+$", arn))])
    error_message = "Every repository must be the ARN of an ECR repository."
  }
}

variable "apply_policy_arns" {
  type        = map(string)
  description = "More managed policies of the apply role, by a name of yours: what your other resources need."
  default     = {}

  validation {
    condition     = alltrue([for arn in values(var.apply_policy_arns) : can(regex("^arn:aws[a-z-]*:iam::([0-9]{12}|aws):policy/.+$", arn))])
    error_message = "Every policy must be the ARN of a managed policy."
  }
}

variable "plan_policy_arns" {
  type        = map(string)
  description = "More managed policies of the plan role, by a name of yours, such as the policy ReadOnlyAccess of AWS."
  default     = {}

  validation {
    condition     = alltrue([for arn in values(var.plan_policy_arns) : can(regex("^arn:aws[a-z-]*:iam::([0-9]{12}|aws):policy/.+$", arn))])
    error_message = "Every policy must be the ARN of a managed policy."
  }
}

variable "permissions_boundary_arn" {
  type        = string
  description = "Managed policy that limits both roles; null means none."
  default     = null

  validation {
    condition     = var.permissions_boundary_arn == null || can(regex("^arn:aws[a-z-]*:iam::([0-9]{12}|aws):policy/.+$", var.permissions_boundary_arn))
    error_message = "The permissions boundary must be the ARN of a managed policy."
  }
}

variable "max_session_hours" {
  type        = number
  description = "Hours for which a job can keep the roles. The credentials must be valid for as long as an apply runs, with its holds and bake time."
  default     = 4

  validation {
    condition     = var.max_session_hours >= 1 && var.max_session_hours <= 12 && floor(var.max_session_hours) == var.max_session_hours
    error_message = "A session must have 1 to 12 whole hours, as AWS demands."
  }
}

variable "tags" {
  type        = map(string)
  description = "Tags of every resource."
  default     = {}

  validation {
    condition     = alltrue([for key, value in var.tags : length(key) >= 1 && length(key) <= 128 && length(value) <= 256 && !startswith(lower(key), "aws:")])
    error_message = "A tag's key must have 1 to 128 characters and not begin with \"aws:\", and its value at most 256 characters."
  }

  validation {
    condition     = length(var.tags) <= 50
    error_message = "At most 50 tags can be given, because AWS allows 50 on a resource."
  }
}
