# What the policies are narrowed to. The example values of the guide are replaced by these.

variable "features" {
  type        = list(string)
  description = "Keys of policies.json: what of the provider is used."
}

variable "partition" {
  type        = string
  description = "Partition of AWS, such as aws."
}

variable "region" {
  type        = string
  description = "Region of the services."
}

variable "account_id" {
  type        = string
  description = "Account of the services."
}

variable "cluster_name" {
  type        = string
  description = "Cluster of the services."
}

variable "load_balancer_names" {
  type        = list(string)
  description = "Load balancers whose rules the provider writes."
  default     = []
}

variable "task_definition_families" {
  type        = list(string)
  description = "Families that the provider registers revisions of."
  default     = []
}

variable "codedeploy_groups" {
  type        = list(string)
  description = "Deployment groups, as APPLICATION/GROUP."
  default     = []
}

variable "ecs_role_arns" {
  type        = list(string)
  description = "Roles that services pass to ECS."
  default     = []
}

variable "task_role_arns" {
  type        = list(string)
  description = "Roles of tasks, and the ones that start them."
  default     = []
}

variable "snapshot_locations" {
  type        = list(string)
  description = "Where snapshots are, as BUCKET/PREFIX."
  default     = []
}

variable "snapshot_kms_key_arns" {
  type        = list(string)
  description = "Keys of those buckets."
  default     = []
}

variable "notification_arns" {
  type        = list(string)
  description = "Topics, buses, secrets and parameters of notifications."
  default     = []
}
