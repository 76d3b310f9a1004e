output "repository_urls" {
  description = "By name, what images are pushed to and pulled from: append a tag or digest for the `image` of a service."
  value       = { for name, repository in aws_ecr_repository.this : name => repository.repository_url }
}

output "repository_arns" {
  description = "By name, the ARN of each repository, for the policies of whoever pushes."
  value       = { for name, repository in aws_ecr_repository.this : name => repository.arn }
}

output "registry_id" {
  description = "The account whose registry it is; null when nothing is created."
  value       = try(values(aws_ecr_repository.this)[0].registry_id, null)
}
