//! The AWS services that are called, and how each of them is named.

/// The AWS services this crate calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Service {
    /// Certificate Manager.
    Acm,
    /// Application Auto Scaling.
    ApplicationAutoScaling,
    /// CloudWatch.
    CloudWatch,
    /// CloudWatch Logs.
    CloudWatchLogs,
    /// CodeDeploy.
    CodeDeploy,
    /// EC2, for networks.
    Ec2,
    /// Elastic Container Registry, private registries.
    Ecr,
    /// ECS.
    Ecs,
    /// Elastic Load Balancing v2.
    ElasticLoadBalancing,
    /// EventBridge.
    EventBridge,
    /// IAM.
    Iam,
    /// Lambda.
    Lambda,
    /// Relational Database Service, Aurora included.
    Rds,
    /// S3.
    S3,
    /// Secrets Manager.
    SecretsManager,
    /// Service Quotas.
    ServiceQuotas,
    /// Simple Notification Service.
    Sns,
    /// Systems Manager, for its parameters.
    Ssm,
    /// STS.
    Sts,
}

impl Service {
    /// All of them.
    pub(crate) const ALL: [Self; 19] = [
        Self::Acm,
        Self::ApplicationAutoScaling,
        Self::CloudWatch,
        Self::CloudWatchLogs,
        Self::CodeDeploy,
        Self::Ec2,
        Self::Ecr,
        Self::Ecs,
        Self::ElasticLoadBalancing,
        Self::EventBridge,
        Self::Iam,
        Self::Lambda,
        Self::Rds,
        Self::S3,
        Self::SecretsManager,
        Self::ServiceQuotas,
        Self::Sns,
        Self::Ssm,
        Self::Sts,
    ];

    /// The service an operation such as `ecs:UpdateService` belongs to.
    pub(crate) fn of(operation: &str) -> Option<Self> {
        match operation.split(':').next()? {
            "acm" => Some(Self::Acm),
            "application-autoscaling" => Some(Self::ApplicationAutoScaling),
            "cloudwatch" => Some(Self::CloudWatch),
            "codedeploy" => Some(Self::CodeDeploy),
            "ec2" => Some(Self::Ec2),
            "ecr" => Some(Self::Ecr),
            "ecs" => Some(Self::Ecs),
            "elasticloadbalancing" => Some(Self::ElasticLoadBalancing),
            "events" => Some(Self::EventBridge),
            "iam" => Some(Self::Iam),
            "lambda" => Some(Self::Lambda),
            "logs" => Some(Self::CloudWatchLogs),
            "rds" => Some(Self::Rds),
            "s3" => Some(Self::S3),
            "secretsmanager" => Some(Self::SecretsManager),
            "servicequotas" => Some(Self::ServiceQuotas),
            "sns" => Some(Self::Sns),
            "ssm" => Some(Self::Ssm),
            "sts" => Some(Self::Sts),
            _ => None,
        }
    }

    /// Its name in sentences, and in the provider block's `endpoints`.
    pub(crate) fn names(self) -> (&'static str, &'static str) {
        match self {
            Self::Acm => ("Certificate Manager", "acm"),
            Self::ApplicationAutoScaling => ("Application Auto Scaling", "applicationautoscaling"),
            Self::CloudWatch => ("CloudWatch", "cloudwatch"),
            Self::CloudWatchLogs => ("CloudWatch Logs", "logs"),
            Self::CodeDeploy => ("CodeDeploy", "codedeploy"),
            Self::Ec2 => ("EC2", "ec2"),
            Self::Ecr => ("ECR", "ecr"),
            Self::Ecs => ("ECS", "ecs"),
            Self::ElasticLoadBalancing => ("Elastic Load Balancing", "elasticloadbalancingv2"),
            Self::EventBridge => ("EventBridge", "events"),
            Self::Iam => ("IAM", "iam"),
            Self::Lambda => ("Lambda", "lambda"),
            Self::Rds => ("RDS", "rds"),
            Self::S3 => ("S3", "s3"),
            Self::SecretsManager => ("Secrets Manager", "secretsmanager"),
            Self::ServiceQuotas => ("Service Quotas", "servicequotas"),
            Self::Sns => ("SNS", "sns"),
            Self::Ssm => ("Systems Manager", "ssm"),
            Self::Sts => ("STS", "sts"),
        }
    }

    /// The environment variable that overrides the endpoint, as every AWS SDK names it.
    pub(crate) fn endpoint_variable(self) -> &'static str {
        match self {
            Self::Acm => "AWS_ENDPOINT_URL_ACM",
            Self::ApplicationAutoScaling => "AWS_ENDPOINT_URL_APPLICATION_AUTO_SCALING",
            Self::CloudWatch => "AWS_ENDPOINT_URL_CLOUDWATCH",
            Self::CloudWatchLogs => "AWS_ENDPOINT_URL_CLOUDWATCH_LOGS",
            Self::CodeDeploy => "AWS_ENDPOINT_URL_CODEDEPLOY",
            Self::Ec2 => "AWS_ENDPOINT_URL_EC2",
            Self::Ecr => "AWS_ENDPOINT_URL_ECR",
            Self::Ecs => "AWS_ENDPOINT_URL_ECS",
            Self::ElasticLoadBalancing => "AWS_ENDPOINT_URL_ELASTIC_LOAD_BALANCING_V2",
            Self::EventBridge => "AWS_ENDPOINT_URL_EVENTBRIDGE",
            Self::Iam => "AWS_ENDPOINT_URL_IAM",
            Self::Lambda => "AWS_ENDPOINT_URL_LAMBDA",
            Self::Rds => "AWS_ENDPOINT_URL_RDS",
            Self::S3 => "AWS_ENDPOINT_URL_S3",
            Self::SecretsManager => "AWS_ENDPOINT_URL_SECRETS_MANAGER",
            Self::ServiceQuotas => "AWS_ENDPOINT_URL_SERVICE_QUOTAS",
            Self::Sns => "AWS_ENDPOINT_URL_SNS",
            Self::Ssm => "AWS_ENDPOINT_URL_SSM",
            Self::Sts => "AWS_ENDPOINT_URL_STS",
        }
    }
}
