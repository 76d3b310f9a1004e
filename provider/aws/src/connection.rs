//! One configured way to AWS: everything in it is built once, on first use.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use aws_config::BehaviorVersion;
use aws_config::identity::IdentityCache;
use aws_config::provider_config::ProviderConfig;
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use aws_smithy_types::timeout::TimeoutConfig;
use aws_types::SdkConfig;
use aws_types::app_name::AppName;
use aws_types::region::Region;
use switchyard_engine::ports::Result;
use tokio::sync::OnceCell;

use crate::config::AwsConfig;
use crate::credentials;
use crate::failed::{failure, incomplete, nowhere};
use crate::http::{self, SharedConnectors};
use crate::patience::{Patience, patient};
use crate::problem::Problem;
use crate::profile::SelectedProfile;
use crate::service::Service;
use crate::spelling;
use crate::way::{Wanted, Way, place};

const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// A configured way to AWS.
pub(crate) struct Connection {
    config: AwsConfig,
    /// The connection of the provider's region, where this is one of another: its credentials are used.
    home: Option<Arc<Connection>>,
    sdk: OnceCell<Sdk>,
    account: Arc<OnceCell<String>>,
    autoscaling: OnceLock<aws_sdk_applicationautoscaling::Client>,
    cloudwatch: OnceLock<aws_sdk_cloudwatch::Client>,
    codedeploy: OnceLock<aws_sdk_codedeploy::Client>,
    ecs: OnceLock<aws_sdk_ecs::Client>,
    elb: OnceLock<aws_sdk_elasticloadbalancingv2::Client>,
    logs: OnceLock<aws_sdk_cloudwatchlogs::Client>,
    s3: OnceLock<aws_sdk_s3::Client>,
}

/// What the SDK needs to make clients.
struct Sdk {
    shared: SdkConfig,
    connectors: SharedConnectors,
    patience: Patience,
    sts: SdkConfig,
    use_fips: bool,
    use_dualstack: bool,
    profile_endpoint: Option<String>,
    looked_at: String,
}

/// A client for one service, built once. The types differ in nothing but their names.
macro_rules! client {
    ($name:ident, $sdk:ident, $service:expr) => {
        pub(crate) async fn $name(
            &self,
            operation: &'static str,
            target: &str,
        ) -> Result<$sdk::Client> {
            let sdk = self.admit(operation, target).await?;
            let build = || {
                let builder = $sdk::config::Builder::from(&sdk.shared);
                let mut builder = patient!(builder, &sdk.patience);
                builder.set_endpoint_url(self.endpoint(sdk, $service));
                $sdk::Client::from_conf(builder.build())
            };
            Ok(self.$name.get_or_init(build).clone())
        }
    };
}

impl Connection {
    /// Remembers `config`; everything else comes with the first call.
    pub(crate) fn new(config: AwsConfig) -> Self {
        Self {
            config,
            home: None,
            sdk: OnceCell::new(),
            account: Arc::default(),
            autoscaling: OnceLock::new(),
            cloudwatch: OnceLock::new(),
            codedeploy: OnceLock::new(),
            ecs: OnceLock::new(),
            elb: OnceLock::new(),
            logs: OnceLock::new(),
            s3: OnceLock::new(),
        }
    }

    /// The same account in another region: credentials, their roles and the check of the account are shared, everything
    /// else is made on first use.
    pub(crate) fn elsewhere(self: &Arc<Self>, region: &str) -> Arc<Self> {
        let config = AwsConfig {
            region: Some(region.to_owned()),
            ..self.config.clone()
        };
        Arc::new(Self {
            home: Some(Arc::clone(self)),
            account: Arc::clone(&self.account),
            ..Self::new(config)
        })
    }

    pub(crate) fn config(&self) -> &AwsConfig {
        &self.config
    }

    /// Finds out now whether region and profile are there.
    pub(crate) async fn prepare(&self) -> std::result::Result<(), Problem> {
        self.sdk().await.map(|_| ())
    }

    client!(
        autoscaling,
        aws_sdk_applicationautoscaling,
        Service::ApplicationAutoScaling
    );
    client!(cloudwatch, aws_sdk_cloudwatch, Service::CloudWatch);
    client!(codedeploy, aws_sdk_codedeploy, Service::CodeDeploy);
    client!(ecs, aws_sdk_ecs, Service::Ecs);
    client!(
        elb,
        aws_sdk_elasticloadbalancingv2,
        Service::ElasticLoadBalancing
    );
    client!(logs, aws_sdk_cloudwatchlogs, Service::CloudWatchLogs);

    /// A client for S3. An endpoint of the user's own has no host name per bucket: there the bucket is a part of
    /// the path.
    pub(crate) async fn s3(
        &self,
        operation: &'static str,
        target: &str,
    ) -> Result<aws_sdk_s3::Client> {
        let sdk = self.admit(operation, target).await?;
        let build = || {
            let endpoint = self.endpoint(sdk, Service::S3);
            let builder =
                aws_sdk_s3::config::Builder::from(&sdk.shared).force_path_style(endpoint.is_some());
            let mut builder = patient!(builder, &sdk.patience);
            builder.set_endpoint_url(endpoint);
            aws_sdk_s3::Client::from_conf(builder.build())
        };
        Ok(self.s3.get_or_init(build).clone())
    }

    /// What a call without a client of its own is sent with.
    pub(crate) async fn direct(
        &self,
        region: Option<&str>,
        operation: &'static str,
        target: &str,
        service: Service,
    ) -> Result<Way> {
        let sdk = self.admit(operation, target).await?;
        let own = self.endpoint(sdk, service);
        let wanted = Wanted {
            region: region
                .filter(|region| !region.is_empty())
                .or_else(|| sdk.shared.region().map(AsRef::as_ref))
                .unwrap_or_default(),
            use_fips: sdk.use_fips,
            use_dualstack: sdk.use_dualstack,
            own: own.as_deref(),
        };
        let place = place(service, wanted)
            .await
            .map_err(|error| nowhere(operation, target, wanted.region, error.as_ref()))?;
        Ok(Way {
            place,
            sdk: sdk.shared.clone(),
            patience: sdk.patience.clone(),
        })
    }

    /// Fetches a small document that AWS handed out a presigned URL for. The URL is a credential: it is
    /// neither logged nor part of an error.
    pub(crate) async fn fetch(&self, url: &str, limit: usize) -> Option<Vec<u8>> {
        let sdk = self.sdk().await.ok()?;
        http::fetch(&sdk.connectors, url, limit, self.config.attempt_timeout).await
    }

    /// The places credentials were looked for, for messages.
    pub(crate) fn looked_at(&self) -> String {
        self.sdk
            .get()
            .map_or_else(String::new, |sdk| sdk.looked_at.clone())
    }

    /// The endpoint that an operation such as `ecs:UpdateService` goes to, where one is configured. Never with
    /// a user and a password in it.
    pub(crate) fn configured_endpoint(&self, operation: &str) -> Option<String> {
        let service = Service::of(operation)?;
        let url = self.endpoint(self.sdk.get()?, service)?;
        (!url.contains('@')).then_some(url)
    }

    /// Every call comes through here: the configuration is usable and the account is allowed.
    async fn admit(&self, operation: &'static str, target: &str) -> Result<&Sdk> {
        let sdk = self
            .sdk()
            .await
            .map_err(|problem| problem.into_error(operation, target))?;
        if self.config.limits_accounts() {
            let account = self
                .account
                .get_or_try_init(|| self.account_of_caller(sdk))
                .await?;
            self.check_account(account)
                .map_err(|problem| problem.into_error(operation, target))?;
        }
        Ok(sdk)
    }

    async fn account_of_caller(&self, sdk: &Sdk) -> Result<String> {
        const OPERATION: &str = "sts:GetCallerIdentity";
        const TARGET: &str = "the credentials in use";
        let client = aws_sdk_sts::Client::new(&sdk.sts);
        let answer = Box::pin(client.get_caller_identity().send()).await;
        let answer = answer.map_err(|error| failure(OPERATION, TARGET, &error, &sdk.looked_at))?;
        answer
            .account
            .ok_or_else(|| incomplete(OPERATION, TARGET, "Account"))
    }

    fn check_account(&self, account: &str) -> std::result::Result<(), Problem> {
        let refused = |list| {
            Err(Problem::AccountRefused {
                account: account.to_owned(),
                list,
            })
        };
        let (allowed, forbidden) = (
            &self.config.allowed_account_ids,
            &self.config.forbidden_account_ids,
        );
        if forbidden.contains(account) {
            refused("forbidden_account_ids")
        } else if !allowed.is_empty() && !allowed.contains(account) {
            refused("allowed_account_ids")
        } else {
            Ok(())
        }
    }

    fn endpoint(&self, sdk: &Sdk, service: Service) -> Option<String> {
        self.config
            .endpoint(service)
            .map(ToOwned::to_owned)
            .or_else(|| sdk.profile_endpoint.clone())
    }

    async fn sdk(&self) -> std::result::Result<&Sdk, Problem> {
        self.sdk
            .get_or_try_init(|| Box::pin(self.build_sdk()))
            .await
    }

    async fn build_sdk(&self) -> std::result::Result<Sdk, Problem> {
        match &self.home {
            None => self.build_home().await,
            Some(home) => Box::pin(home.sdk()).await.map(|sdk| self.moved(sdk)),
        }
    }

    /// What the region at home has, in this one.
    fn moved(&self, home: &Sdk) -> Sdk {
        let region = self.config.region.clone().map(Region::new);
        let patience = Patience::of(&self.config);
        let shared = home.shared.clone().into_builder();
        let shared = shared.region(region).retry_config(patience.config.clone());
        Sdk {
            shared: shared.build(),
            connectors: home.connectors.clone(),
            patience,
            sts: home.sts.clone(),
            use_fips: home.use_fips,
            use_dualstack: home.use_dualstack,
            profile_endpoint: home.profile_endpoint.clone(),
            looked_at: home.looked_at.clone(),
        }
    }

    async fn build_home(&self) -> std::result::Result<Sdk, Problem> {
        let config = &self.config;
        config.check()?;
        let profile = SelectedProfile::load(config).await?;
        let region = self.region(&profile)?;
        let connectors = SharedConnectors::new(config);
        let http = SharedHttpClient::new(connectors.clone());
        let use_fips = config.use_fips || config.environment.use_fips();
        let use_dualstack = config.use_dualstack || config.environment.use_dualstack();
        let profile_endpoint = match config.environment.ignores_endpoints() {
            true => None,
            false => profile.endpoint_url().map(ToOwned::to_owned),
        };
        let patience = Patience::of(config);
        if let Some(url) = &profile_endpoint {
            let name = format!("`endpoint_url` of profile `{}`", profile.name);
            spelling::endpoint(name, url)?;
        }
        let mut base = SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new(region.clone()))
            .http_client(http.clone())
            .retry_config(patience.config.clone())
            .timeout_config(self.timeouts())
            .identity_cache(IdentityCache::lazy().build())
            .use_fips(use_fips)
            .use_dual_stack(use_dualstack);
        base.set_app_name(user_agent());
        let base = base.build();
        let sts_region = config.sts_region.clone().unwrap_or_else(|| region.clone());
        let mut sts = base.clone().into_builder().region(Region::new(sts_region));
        let sts_endpoint = config.endpoint(Service::Sts).map(ToOwned::to_owned);
        sts.set_endpoint_url(sts_endpoint.or_else(|| profile_endpoint.clone()));
        // Each role of a chain must be asked with its own credentials, so nothing is cached here.
        let sts = sts.identity_cache(IdentityCache::no_cache()).build();
        let provider_config = ProviderConfig::without_region()
            .with_region(Some(Region::new(region)))
            .with_http_client(http)
            .with_use_fips(Some(use_fips))
            .with_use_dual_stack(Some(use_dualstack));
        let sources = credentials::sources(config, &profile, &sts, &provider_config);
        let with_credentials = |config: SdkConfig| {
            config
                .into_builder()
                .credentials_provider(sources.provider.clone())
                .build()
        };
        Ok(Sdk {
            shared: with_credentials(base),
            connectors,
            patience,
            sts: with_credentials(sts),
            use_fips,
            use_dualstack,
            profile_endpoint,
            looked_at: sources.looked_at.clone(),
        })
    }

    fn region(&self, profile: &SelectedProfile) -> std::result::Result<String, Problem> {
        let config = &self.config;
        let found = config
            .region
            .as_deref()
            .or_else(|| config.environment.region())
            .or_else(|| profile.region());
        if let Some(region) = profile.region().filter(|text| {
            !text.is_empty() && config.region.is_none() && config.environment.region().is_none()
        }) {
            spelling::region(format!("the region of profile `{}`", profile.name), region)?;
        }
        found.filter(|region| !region.is_empty()).map(ToOwned::to_owned).ok_or_else(|| Problem::MissingRegion {
            looked_at: format!(
                "`region` in the provider block; AWS_REGION and AWS_DEFAULT_REGION; profile `{}` in {}",
                profile.name, profile.looked_at
            ),
        })
    }

    fn timeouts(&self) -> TimeoutConfig {
        TimeoutConfig::builder()
            .connect_timeout(CONNECT_TIMEOUT)
            .operation_attempt_timeout(self.config.attempt_timeout)
            .build()
    }
}

/// `app/terraform-provider-switchyard-VERSION`.
fn user_agent() -> Option<AppName> {
    let name = concat!("terraform-provider-switchyard-", env!("CARGO_PKG_VERSION"));
    AppName::new(name).ok()
}
