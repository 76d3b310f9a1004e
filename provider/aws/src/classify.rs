//! The one table from AWS error codes to [`ErrorKind`].
//!
//! Decisions look only at the kind; the code and AWS's own words travel along for the reader.

use switchyard_engine::ports::ErrorKind;

/// A row: in answers of `service` (empty = any), `code` with `fragment` in its message means `kind`.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    /// Service prefix of the operation, such as `ecs`; empty for any.
    pub service: &'static str,
    /// AWS error code.
    pub code: &'static str,
    /// Part of the message, compared without case; empty for any.
    pub fragment: &'static str,
    /// What it means.
    pub kind: ErrorKind,
}

const fn row(
    service: &'static str,
    code: &'static str,
    fragment: &'static str,
    kind: ErrorKind,
) -> Row {
    Row {
        service,
        code,
        fragment,
        kind,
    }
}

use ErrorKind::{
    AlreadyExists, Conflict, Denied, NotFound, Rejected, Throttled, Timeout, Unavailable,
};

/// First match wins: rows with a fragment stand before those without, services before any.
pub const TABLE: &[Row] = &[
    // Amazon ECS. It reports most states in words inside two generic codes.
    row(
        "ecs",
        "InvalidParameterException",
        "not idempotent",
        AlreadyExists,
    ),
    row(
        "ecs",
        "InvalidParameterException",
        "still draining",
        Conflict,
    ),
    row(
        "ecs",
        "InvalidParameterException",
        "in the process of",
        Conflict,
    ),
    row(
        "ecs",
        "InvalidParameterException",
        "deployment in progress",
        Conflict,
    ),
    row(
        "ecs",
        "ClientException",
        "unable to describe task definition",
        NotFound,
    ),
    row("ecs", "ClusterNotFoundException", "", NotFound),
    row("ecs", "ServiceNotFoundException", "", NotFound),
    row("ecs", "ServiceNotActiveException", "", NotFound),
    row("ecs", "ServiceDeploymentNotFoundException", "", NotFound),
    row("ecs", "ResourceNotFoundException", "", NotFound),
    row("ecs", "TaskSetNotFoundException", "", NotFound),
    row("ecs", "ConflictException", "", Conflict),
    row("ecs", "ResourceInUseException", "", Conflict),
    row("ecs", "UpdateInProgressException", "", Conflict),
    row("ecs", "BlockedException", "", Denied),
    row("ecs", "ClientException", "", Rejected),
    row("ecs", "InvalidParameterException", "", Rejected),
    row("ecs", "LimitExceededException", "", Rejected),
    row("ecs", "NamespaceNotFoundException", "", Rejected),
    row(
        "ecs",
        "PlatformTaskDefinitionIncompatibilityException",
        "",
        Rejected,
    ),
    row("ecs", "PlatformUnknownException", "", Rejected),
    row("ecs", "UnsupportedFeatureException", "", Rejected),
    row("ecs", "ServerException", "", Unavailable),
    // Elastic Load Balancing v2.
    row("elasticloadbalancing", "ListenerNotFound", "", NotFound),
    row("elasticloadbalancing", "LoadBalancerNotFound", "", NotFound),
    row("elasticloadbalancing", "RuleNotFound", "", NotFound),
    row("elasticloadbalancing", "TargetGroupNotFound", "", NotFound),
    row("elasticloadbalancing", "PriorityInUse", "", AlreadyExists),
    row("elasticloadbalancing", "HealthUnavailable", "", Unavailable),
    row("elasticloadbalancing", "InvalidTarget", "", Rejected),
    row("elasticloadbalancing", "ResourceInUse", "", Conflict),
    row(
        "elasticloadbalancing",
        "OperationNotPermitted",
        "",
        Rejected,
    ),
    // AWS CodeDeploy.
    row(
        "codedeploy",
        "ApplicationDoesNotExistException",
        "",
        NotFound,
    ),
    row(
        "codedeploy",
        "DeploymentConfigDoesNotExistException",
        "",
        NotFound,
    ),
    row(
        "codedeploy",
        "DeploymentDoesNotExistException",
        "",
        NotFound,
    ),
    row(
        "codedeploy",
        "DeploymentGroupDoesNotExistException",
        "",
        NotFound,
    ),
    row(
        "codedeploy",
        "DeploymentTargetDoesNotExistException",
        "",
        NotFound,
    ),
    row("codedeploy", "RevisionDoesNotExistException", "", NotFound),
    row(
        "codedeploy",
        "DeploymentAlreadyCompletedException",
        "",
        Conflict,
    ),
    row(
        "codedeploy",
        "DeploymentIsNotInReadyStateException",
        "",
        Conflict,
    ),
    row(
        "codedeploy",
        "DeploymentLimitExceededException",
        "",
        Conflict,
    ),
    row("codedeploy", "DeploymentNotStartedException", "", Conflict),
    row(
        "codedeploy",
        "InvalidDeploymentStatusException",
        "",
        Conflict,
    ),
    row(
        "codedeploy",
        "InvalidDeploymentWaitTypeException",
        "",
        Rejected,
    ),
    row("codedeploy", "InvalidRoleException", "", Rejected),
    row(
        "codedeploy",
        "UnsupportedActionForDeploymentTypeException",
        "",
        Rejected,
    ),
    // Application Auto Scaling.
    row(
        "application-autoscaling",
        "ObjectNotFoundException",
        "",
        NotFound,
    ),
    row(
        "application-autoscaling",
        "ResourceNotFoundException",
        "",
        NotFound,
    ),
    row(
        "application-autoscaling",
        "InvalidNextTokenException",
        "",
        Rejected,
    ),
    row(
        "application-autoscaling",
        "TooManyTagsException",
        "",
        Rejected,
    ),
    row(
        "application-autoscaling",
        "ConcurrentUpdateException",
        "",
        Conflict,
    ),
    row(
        "application-autoscaling",
        "FailedResourceAccessException",
        "",
        Denied,
    ),
    row(
        "application-autoscaling",
        "LimitExceededException",
        "",
        Rejected,
    ),
    row(
        "application-autoscaling",
        "InternalServiceException",
        "",
        Unavailable,
    ),
    // CloudWatch.
    row("cloudwatch", "ResourceNotFound", "", NotFound),
    row("cloudwatch", "ResourceNotFoundException", "", NotFound),
    row("cloudwatch", "DashboardInvalidInputError", "", Rejected),
    row("cloudwatch", "DashboardNotFoundError", "", NotFound),
    row("cloudwatch", "InvalidNextToken", "", Rejected),
    row("cloudwatch", "LimitExceeded", "", Rejected),
    row("cloudwatch", "LimitExceededFault", "", Rejected),
    row("cloudwatch", "InvalidParameterInput", "", Rejected),
    // Elastic Container Registry.
    row("ecr", "RepositoryNotFoundException", "", NotFound),
    row("ecr", "ImageNotFoundException", "", NotFound),
    row("ecr", "LayersNotFoundException", "", NotFound),
    row("ecr", "LayerInaccessibleException", "", Unavailable),
    row("ecr", "InvalidParameterException", "", Rejected),
    row("ecr", "LimitExceededException", "", Rejected),
    row("ecr", "ServerException", "", Unavailable),
    row("ecr", "UnableToGetUpstreamImageException", "", Unavailable),
    // CloudWatch Logs.
    row("logs", "ResourceNotFoundException", "", NotFound),
    row("logs", "InvalidParameterException", "", Rejected),
    // Secrets Manager.
    row("secretsmanager", "ResourceNotFoundException", "", NotFound),
    row("secretsmanager", "InvalidParameterException", "", Rejected),
    row("secretsmanager", "InvalidRequestException", "", Rejected),
    // Systems Manager.
    row("ssm", "ParameterNotFound", "", NotFound),
    row("ssm", "InvalidFilterKey", "", Rejected),
    row("ssm", "InvalidFilterOption", "", Rejected),
    row("ssm", "InvalidFilterValue", "", Rejected),
    row("ssm", "InvalidNextToken", "", Rejected),
    // Service Quotas.
    row("servicequotas", "NoSuchResourceException", "", NotFound),
    row("servicequotas", "IllegalArgumentException", "", Rejected),
    row("servicequotas", "ServiceException", "", Unavailable),
    // S3.
    row("s3", "AccountProblem", "", Denied),
    row("s3", "AllAccessDisabled", "", Denied),
    row("s3", "InvalidAccessKeyId", "", Denied),
    row("s3", "RequestTimeTooSkewed", "", Denied),
    row("s3", "NoSuchBucket", "", NotFound),
    row("s3", "NoSuchKey", "", NotFound),
    row("s3", "NoSuchPublicAccessBlockConfiguration", "", NotFound),
    row("s3", "NotFound", "", NotFound),
    row(
        "s3",
        "ServerSideEncryptionConfigurationNotFoundError",
        "",
        NotFound,
    ),
    row("s3", "PreconditionFailed", "", AlreadyExists),
    row("s3", "ConditionalRequestConflict", "", Conflict),
    row("s3", "OperationAborted", "", Conflict),
    row("s3", "AuthorizationHeaderMalformed", "", Rejected),
    row("s3", "IllegalLocationConstraintException", "", Rejected),
    row("s3", "InvalidArgument", "", Rejected),
    row("s3", "InvalidBucketName", "", Rejected),
    row("s3", "InvalidBucketState", "", Rejected),
    row("s3", "InvalidObjectState", "", Rejected),
    row("s3", "KMS.DisabledException", "", Rejected),
    row("s3", "KMS.KMSInvalidStateException", "", Rejected),
    row("s3", "KMS.NotFoundException", "", Rejected),
    row("s3", "MethodNotAllowed", "", Rejected),
    row("s3", "NotImplemented", "", Rejected),
    row("s3", "PermanentRedirect", "", Rejected),
    row("s3", "TemporaryRedirect", "", Unavailable),
    // Lambda.
    row("lambda", "ResourceNotFoundException", "", NotFound),
    row("lambda", "InvalidRequestContentException", "", Rejected),
    row("lambda", "InvalidParameterValueException", "", Rejected),
    row("lambda", "RequestTooLargeException", "", Rejected),
    row("lambda", "PreconditionFailedException", "", Conflict),
    row(
        "lambda",
        "ResourceConflictException",
        "alias already exists",
        AlreadyExists,
    ),
    row("lambda", "ResourceConflictException", "", Unavailable),
    row("lambda", "ResourceNotReadyException", "", Unavailable),
    row("lambda", "ServiceException", "", Unavailable),
    // RDS.
    row("rds", "DBClusterNotFoundFault", "", NotFound),
    row("rds", "DBClusterSnapshotNotFoundFault", "", NotFound),
    row("rds", "DBInstanceNotFound", "", NotFound),
    row("rds", "DBSnapshotNotFound", "", NotFound),
    row(
        "rds",
        "DBClusterSnapshotAlreadyExistsFault",
        "",
        AlreadyExists,
    ),
    row("rds", "DBSnapshotAlreadyExists", "", AlreadyExists),
    row("rds", "InvalidDBClusterStateFault", "", Conflict),
    row("rds", "InvalidDBInstanceState", "", Conflict),
    row("rds", "KMSKeyNotAccessibleFault", "", Rejected),
    row("rds", "SnapshotQuotaExceeded", "", Rejected),
    // Any service: who may call.
    row("", "AccessDenied", "", Denied),
    row("", "AccessDeniedException", "", Denied),
    row("", "AuthFailure", "", Denied),
    row("", "ExpiredToken", "", Denied),
    row("", "ExpiredTokenException", "", Denied),
    row("", "IncompleteSignature", "", Denied),
    row("", "IncompleteSignatureException", "", Denied),
    row("", "InvalidClientTokenId", "", Denied),
    row("", "InvalidSignatureException", "", Denied),
    row("", "MissingAuthenticationToken", "", Denied),
    row("", "MissingAuthenticationTokenException", "", Denied),
    row("", "NotAuthorized", "", Denied),
    row("", "OptInRequired", "", Denied),
    row("", "RequestExpired", "", Denied),
    row("", "SignatureDoesNotMatch", "", Denied),
    row("", "UnauthorizedOperation", "", Denied),
    row("", "UnrecognizedClientException", "", Denied),
    // Any service: too many calls.
    row("", "BandwidthLimitExceeded", "", Throttled),
    row("", "EC2ThrottledException", "", Throttled),
    row("", "PriorRequestNotComplete", "", Throttled),
    row("", "RequestLimitExceeded", "", Throttled),
    row("", "RequestThrottled", "", Throttled),
    row("", "RequestThrottledException", "", Throttled),
    row("", "SlowDown", "", Throttled),
    row("", "ThrottledException", "", Throttled),
    row("", "Throttling", "", Throttled),
    row("", "ThrottlingException", "", Throttled),
    row("", "TooManyRequestsException", "", Throttled),
    // Any service: not now.
    row("", "RequestTimeout", "", Timeout),
    row("", "RequestTimeoutException", "", Timeout),
    row("", "InternalError", "", Unavailable),
    row("", "InternalFailure", "", Unavailable),
    row("", "InternalServerError", "", Unavailable),
    row("", "InternalServiceError", "", Unavailable),
    row("", "InternalServiceFault", "", Unavailable),
    row("", "ServiceUnavailable", "", Unavailable),
    row("", "ServiceUnavailableException", "", Unavailable),
    // Any service: a request that is wrong whenever it is sent.
    row("", "InvalidAction", "", Rejected),
    row("", "InvalidInputException", "", Rejected),
    row("", "InvalidParameterCombination", "", Rejected),
    row("", "InvalidParameterValue", "", Rejected),
    row("", "MalformedQueryString", "", Rejected),
    row("", "MissingParameter", "", Rejected),
    row("", "SerializationException", "", Rejected),
    row("", "UnknownOperationException", "", Rejected),
    row("", "ValidationError", "", Rejected),
    row("", "ValidationException", "", Rejected),
];

/// Classifies an answered failure. A code the table does not know is judged by the HTTP status, the
/// way the AWS protocols use it.
pub fn classify(operation: &str, code: &str, message: &str, http_status: u16) -> ErrorKind {
    let service = operation.split(':').next().unwrap_or_default();
    let message = message.to_lowercase();
    let known = TABLE.iter().find(|row| {
        (row.service.is_empty() || row.service == service)
            && row.code == code
            && message.contains(row.fragment)
    });
    match (known, http_status) {
        (Some(row), _) => row.kind,
        (None, 401 | 403) => Denied,
        (None, 408 | 504) => Timeout,
        (None, 429) => Throttled,
        (None, 500..=599) => Unavailable,
        (None, 400..=499) if !code.is_empty() => Rejected,
        (None, _) => ErrorKind::Unexpected,
    }
}

/// What AWS said, without what must not be shown: a refused signature is answered with the whole
/// canonical request, session token included.
pub(crate) fn shown(message: &str) -> &str {
    ["The Canonical String", "The String-to-Sign"]
        .iter()
        .filter_map(|marker| message.split_once(marker).map(|(before, _)| before))
        .min_by_key(|before| before.len())
        .unwrap_or(message)
        .trim()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_reached_by_its_own_answer() {
        for row in TABLE {
            let service = if row.service.is_empty() {
                "sts"
            } else {
                row.service
            };
            let operation = format!("{service}:Operation");
            let message = format!("Before {} after.", row.fragment.to_uppercase());
            assert_eq!(
                classify(&operation, row.code, &message, 400),
                row.kind,
                "{row:?}"
            );
        }
    }

    #[test]
    fn no_row_is_written_twice() {
        let mut seen = std::collections::BTreeSet::new();
        for row in TABLE {
            assert!(
                seen.insert((row.service, row.code, row.fragment)),
                "{row:?}"
            );
        }
    }

    #[test]
    fn fragments_are_lower_case_because_messages_are_compared_so() {
        for row in TABLE {
            assert_eq!(row.fragment, row.fragment.to_lowercase());
        }
    }

    #[test]
    fn words_of_ecs_decide_inside_its_generic_codes() {
        let ecs = |code: &str, message: &str| classify("ecs:CreateService", code, message, 400);
        assert_eq!(
            ecs(
                "InvalidParameterException",
                "Creation of service was not idempotent."
            ),
            AlreadyExists
        );
        assert_eq!(
            ecs(
                "InvalidParameterException",
                "Unable to Start a service that is still Draining."
            ),
            Conflict
        );
        assert_eq!(
            ecs("InvalidParameterException", "Container port is wrong."),
            Rejected
        );
        assert_eq!(
            ecs("ClientException", "Unable to describe task definition."),
            NotFound
        );
    }

    #[test]
    fn a_code_means_its_own_service_only() {
        assert_eq!(
            classify(
                "codedeploy:GetDeployment",
                "ServiceNotFoundException",
                "",
                400
            ),
            Rejected
        );
    }

    #[test]
    fn unknown_codes_are_judged_by_their_status() {
        for (status, kind) in [
            (400, Rejected),
            (403, Denied),
            (408, Timeout),
            (429, Throttled),
            (500, Unavailable),
            (503, Unavailable),
            (504, Timeout),
            (200, ErrorKind::Unexpected),
        ] {
            assert_eq!(classify("ecs:X", "NeverSeen", "", status), kind, "{status}");
        }
        assert_eq!(classify("ecs:X", "", "", 400), ErrorKind::Unexpected);
    }

    #[test]
    fn a_refused_signature_does_not_show_the_signed_request() {
        let message = "The request signature we calculated does not match.\n\nThe Canonical String for this request \
                       should have been\n'x-amz-security-token:secret'\n\nThe String-to-Sign should have been 'x'";
        assert_eq!(
            shown(message),
            "The request signature we calculated does not match."
        );
        assert_eq!(shown("plain"), "plain");
    }
}
