output "distribution_id" {
  description = "Id of the distribution, for invalidations."
  value       = one(aws_cloudfront_distribution.this[*].id)
}

output "arn" {
  description = "ARN of the distribution."
  value       = one(aws_cloudfront_distribution.this[*].arn)
}

output "dns_name" {
  description = "Host name that CloudFront gives it: the target of an alias record."
  value       = one(aws_cloudfront_distribution.this[*].domain_name)
}

output "zone_id" {
  description = "Hosted zone of dns_name, which an alias record also needs."
  value       = one(aws_cloudfront_distribution.this[*].hosted_zone_id)
}

output "bucket_name" {
  description = "Where the files go."
  value       = one(aws_s3_bucket.this[*].bucket)
}

output "publish_policy" {
  description = "JSON of a policy for whoever publishes: writes files, and takes them out of the caches. null when nothing is created."
  value = var.create ? jsonencode({
    Version = "2012-10-17"
    Statement = [
      { Sid = "List", Effect = "Allow", Action = ["s3:ListBucket"], Resource = aws_s3_bucket.this[0].arn },
      { Sid = "Files", Effect = "Allow", Action = ["s3:DeleteObject", "s3:GetObject", "s3:PutObject"], Resource = "${aws_s3_bucket.this[0].arn}/*" },
      { Sid = "Caches", Effect = "Allow", Action = ["cloudfront:CreateInvalidation", "cloudfront:GetInvalidation"], Resource = aws_cloudfront_distribution.this[0].arn },
    ]
  }) : null
}
