//! AWS's words as enums.

/// Declares enums of words that AWS uses. A word that is not in the list is kept as it came, in `Unknown`: whoever
/// decides on it has to say what an unknown word means.
///
/// ```
/// switchyard_rollout::words! {
///     /// Color of a traffic light.
///     pub enum Light {
///         Green = "GREEN",
///         Red = "RED",
///     }
/// }
///
/// assert_eq!(Light::parse("RED"), Light::Red);
/// assert_eq!(Light::Red.to_string(), "RED");
/// assert_eq!(Light::parse("BLUE"), Light::Unknown("BLUE".to_owned()));
/// assert_eq!(Light::parse("BLUE").word(), "BLUE");
/// assert_eq!(Light::WORDS, ["GREEN", "RED"]);
/// ```
#[macro_export]
macro_rules! words {
    ($(
        $(#[$attribute:meta])*
        $visibility:vis enum $name:ident {
            $($(#[$variant_attribute:meta])* $variant:ident = $word:literal),+ $(,)?
        }
    )+) => {$(
        $(#[$attribute])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash)]
        $visibility enum $name {
            $(
                #[doc = ::core::concat!("`", $word, "`.")]
                $(#[$variant_attribute])*
                $variant,
            )+
            /// A word this build does not know, as it came.
            Unknown(::std::string::String),
        }

        impl $name {
            /// The words this build knows.
            $visibility const WORDS: &'static [&'static str] = &[$($word),+];

            /// Reads AWS's word.
            #[must_use]
            $visibility fn parse(word: &str) -> Self {
                match word {
                    $($word => Self::$variant,)+
                    other => Self::Unknown(::std::borrow::ToOwned::to_owned(other)),
                }
            }

            /// AWS's word.
            #[must_use]
            $visibility fn word(&self) -> &str {
                match self {
                    $(Self::$variant => $word,)+
                    Self::Unknown(word) => word,
                }
            }
        }

        /// In the order of the words.
        impl ::core::cmp::Ord for $name {
            fn cmp(&self, other: &Self) -> ::core::cmp::Ordering {
                self.word().cmp(other.word())
            }
        }

        impl ::core::cmp::PartialOrd for $name {
            fn partial_cmp(&self, other: &Self) -> ::core::option::Option<::core::cmp::Ordering> {
                ::core::option::Option::Some(::core::cmp::Ord::cmp(self, other))
            }
        }

        impl ::core::fmt::Display for $name {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                f.write_str(self.word())
            }
        }
    )+};
}

words! {
    /// Status of a service deployment (the state machine of DescribeServiceDeployments).
    pub enum EcsStatus {
        Pending = "PENDING",
        InProgress = "IN_PROGRESS",
        StopRequested = "STOP_REQUESTED",
        RollbackRequested = "ROLLBACK_REQUESTED",
        RollbackInProgress = "ROLLBACK_IN_PROGRESS",
        /// The only success.
        Successful = "SUCCESSFUL",
        Stopped = "STOPPED",
        RollbackSuccessful = "ROLLBACK_SUCCESSFUL",
        RollbackFailed = "ROLLBACK_FAILED",
    }

    /// Status of a CodeDeploy deployment.
    pub enum CodeDeployStatus {
        Created = "Created",
        Queued = "Queued",
        InProgress = "InProgress",
        Baking = "Baking",
        /// Waits for ContinueDeployment.
        Ready = "Ready",
        /// The only success.
        Succeeded = "Succeeded",
        Failed = "Failed",
        Stopped = "Stopped",
    }

    /// `status` of a task set.
    pub enum TaskSetStatus {
        Active = "ACTIVE",
        Draining = "DRAINING",
        Primary = "PRIMARY",
    }

    /// Life-cycle stage of a service deployment, in order.
    pub enum LifecycleStage {
        ReconcileService = "RECONCILE_SERVICE",
        PreScaleUp = "PRE_SCALE_UP",
        ScaleUp = "SCALE_UP",
        PostScaleUp = "POST_SCALE_UP",
        TestTrafficShift = "TEST_TRAFFIC_SHIFT",
        PostTestTrafficShift = "POST_TEST_TRAFFIC_SHIFT",
        PreProductionTrafficShift = "PRE_PRODUCTION_TRAFFIC_SHIFT",
        ProductionTrafficShift = "PRODUCTION_TRAFFIC_SHIFT",
        PostProductionTrafficShift = "POST_PRODUCTION_TRAFFIC_SHIFT",
        BakeTime = "BAKE_TIME",
        CleanUp = "CLEAN_UP",
    }
}

impl EcsStatus {
    /// Whether AWS may still change something because of the deployment. With an unknown word it may.
    pub fn is_running(&self) -> bool {
        match self {
            Self::Pending
            | Self::InProgress
            | Self::StopRequested
            | Self::RollbackRequested
            | Self::RollbackInProgress
            | Self::Unknown(_) => true,
            Self::Successful | Self::Stopped | Self::RollbackSuccessful | Self::RollbackFailed => {
                false
            }
        }
    }
}

impl CodeDeployStatus {
    /// Whether CodeDeploy may still change something because of the deployment. With an unknown word it may.
    pub fn is_running(&self) -> bool {
        match self {
            Self::Created
            | Self::Queued
            | Self::InProgress
            | Self::Baking
            | Self::Ready
            | Self::Unknown(_) => true,
            Self::Succeeded | Self::Failed | Self::Stopped => false,
        }
    }
}
