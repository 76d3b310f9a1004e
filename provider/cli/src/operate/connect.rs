//! From flags and environment to the ports over AWS.

use std::sync::Arc;

use switchyard_aws::{Aws, AwsConfig, Environment, Problem};
use switchyard_clock::ClockSettings;
use switchyard_engine::ports::{Clock, Inspection, Ports};
use switchyard_notify::Variables;
use switchyard_operate::Trouble;
use switchyard_probe::HttpProbes;
use switchyard_store::Folders;

use super::arguments::ConnectionArguments;

/// Connects; nothing is opened before the first call. `named` is the region of the ARNs. Needs a runtime.
pub(super) fn ports(
    connection: &ConnectionArguments,
    named: Option<String>,
    environment: Environment,
    variable: fn(&str) -> Option<String>,
    time: &ClockSettings,
) -> Result<(Ports, Arc<dyn Inspection>), Trouble> {
    let config = config(connection, named, environment)?;
    let clock = clock(time)?;
    let probes = HttpProbes::new(None);
    let probes =
        probes.map_err(|invalid| Trouble::new(format!("Requests cannot be sent: {invalid}.")))?;
    let aws = Aws::connect(config);
    let inspection = aws.inspection(Arc::clone(&clock));
    let ports = aws.ports(clock, Arc::new(probes));
    let ports = Ports {
        notices: Arc::new(Variables::before(Arc::clone(&ports.notices), variable)),
        posts: Arc::new(HttpProbes::of_environment(variable)),
        snapshots: Arc::new(Folders::before(Arc::clone(&ports.snapshots))),
        ..ports
    };
    Ok((ports, inspection))
}

/// The clock of the environment.
pub(super) fn clock(time: &ClockSettings) -> Result<Arc<dyn Clock>, Trouble> {
    let clock = time.clock();
    clock.map_err(|problem| Trouble::new(format!("{}. {}", problem.summary, problem.detail)))
}

fn config(
    connection: &ConnectionArguments,
    named: Option<String>,
    environment: Environment,
) -> Result<AwsConfig, Trouble> {
    let given = connection
        .region
        .clone()
        .filter(|region| !region.is_empty());
    if let (Some(given), Some(named)) = (&given, &named)
        && given != named
    {
        return Err(Trouble::new(format!(
            "The ARN is in region {named}, and `--region` is {given}. Nothing was read. Remove `--region`, or correct \
             the ARN."
        )));
    }
    let mut config = AwsConfig::new(environment);
    config.region = given.or(named);
    config.profile = connection.profile.clone();
    config.endpoints.all = connection.endpoint_url.clone();
    config
        .check()
        .map_err(|problem| Trouble::new(words(&problem)))?;
    Ok(config)
}

/// There is no provider block here.
fn words(problem: &Problem) -> String {
    match problem {
        Problem::InvalidEndpoint { url, .. } => format!(
            "The endpoint is not a URL (`{url}`). Write `--endpoint-url` or AWS_ENDPOINT_URL as `http://host:port` or \
             `https://host`."
        ),
        Problem::InvalidRegion { region, .. } => {
            format!("`{region}` is not a region. Use a region such as `eu-west-1`.")
        }
        other => format!("AWS cannot be called: {other}."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn region(flag: Option<&str>, named: Option<&str>) -> Result<Option<String>, String> {
        let connection = ConnectionArguments {
            region: flag.map(str::to_owned),
            ..ConnectionArguments::default()
        };
        let config = config(
            &connection,
            named.map(str::to_owned),
            Environment::default(),
        );
        config
            .map(|config| config.region)
            .map_err(|trouble| trouble.to_string())
    }

    #[test]
    fn an_arn_names_the_region_and_a_flag_must_agree() {
        assert_eq!(region(None, None), Ok(None));
        assert_eq!(
            region(None, Some("eu-west-1")),
            Ok(Some("eu-west-1".to_owned()))
        );
        assert_eq!(
            region(Some("us-east-1"), None),
            Ok(Some("us-east-1".to_owned()))
        );
        assert!(region(Some("eu-west-1"), Some("eu-west-1")).is_ok());
        let message = region(Some("us-east-1"), Some("eu-west-1")).unwrap_err();
        assert!(
            message.contains("eu-west-1") && message.contains("us-east-1"),
            "{message}"
        );
        assert!(
            region(Some("eu west"), None)
                .unwrap_err()
                .contains("is not a region")
        );
    }

    #[test]
    fn an_endpoint_is_a_url() {
        let connection = ConnectionArguments {
            endpoint_url: Some("localhost:4566".to_owned()),
            ..ConnectionArguments::default()
        };
        let message = config(&connection, None, Environment::default())
            .unwrap_err()
            .to_string();
        assert!(message.contains("--endpoint-url"), "{message}");
    }
}
