//! Which services a command is about: by name, by ARN, all of a cluster, those of a group, or those in a state or plan.

mod arn;
mod file;
mod group;
mod nearest;

use futures::future::join_all;
use switchyard_engine::group::Places;
use switchyard_engine::ports::{
    Error, ErrorKind, Ports, Service, ServiceRef, ServiceStatus, cluster_name, region_of,
};

use crate::trouble::Trouble;
use arn::ServiceArn;
pub use nearest::nearest;

/// What the command line says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Names, `CLUSTER/NAME`, or ARNs.
    pub names: Vec<String>,
    /// Cluster of what has none: its name or ARN.
    pub cluster: Option<String>,
    /// All services of the cluster.
    pub all: bool,
    /// The services of this group.
    pub group: Option<String>,
    /// Text of a state or plan, with its name for messages.
    pub file: Option<(String, String)>,
}

/// A service that is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// Cluster name or ARN; absent where nothing names one.
    pub cluster: Option<String>,
    /// Service name.
    pub name: String,
    /// Production rule or listener, where a state or plan names it.
    pub route: Option<String>,
    /// Task definition that a plan deploys, where it is known.
    pub planned: Option<String>,
    /// What the last apply deployed with success, where a state says so.
    pub last: Option<LastApply>,
}

/// The last successful deployment of an apply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LastApply {
    /// What was live before: `family:revision`.
    pub from: String,
    /// What was deployed: `family:revision`.
    pub to: String,
}

/// What is asked for, before AWS was looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Selection {
    /// These.
    Services(Vec<Target>),
    /// All of this cluster; of the only one where nothing names it.
    All(Option<String>),
    /// Those of a group.
    Group {
        /// Its name.
        name: String,
        /// The cluster of its members; all clusters of the region where nothing names one.
        cluster: Option<String>,
        /// Its members, where a state or plan names them.
        members: Option<Vec<Target>>,
    },
}

/// A service that is there.
#[derive(Clone, Debug, PartialEq)]
pub struct Chosen {
    /// What it is called; `cluster` is an ARN.
    pub service: ServiceRef,
    /// As AWS shows it.
    pub found: Service,
    /// Production rule or listener, where a state or plan names it.
    pub route: Option<String>,
    /// Task definition that a plan deploys, where it is known.
    pub planned: Option<String>,
    /// What the last apply deployed with success, where a state says so.
    pub last: Option<LastApply>,
}

impl Selection {
    /// Reads what the command line says.
    ///
    /// # Errors
    /// It says nothing, or contradicts itself.
    pub fn of(wanted: &Wanted) -> Result<Self, Trouble> {
        if let Some(group) = &wanted.group {
            return Self::of_group(group, wanted);
        }
        let mut targets = Vec::new();
        for name in &wanted.names {
            targets.push(named(name, wanted.cluster.as_deref())?);
        }
        if let Some((name, text)) = &wanted.file {
            targets.extend(file::services(name, text)?);
        }
        if wanted.all {
            return match targets.is_empty() {
                true => Ok(Self::All(wanted.cluster.clone())),
                false => Err(Trouble::new(
                    "`--all` and named services exclude each other. Remove one of the two.",
                )),
            };
        }
        if targets.is_empty() {
            return Err(Trouble::new(
                "No service is named. Name one with `--cluster`, give its ARN, or use `--all --cluster CLUSTER`, \
                 `--group NAME` or `--from FILE`.",
            ));
        }
        Ok(Self::Services(targets))
    }

    fn of_group(group: &str, wanted: &Wanted) -> Result<Self, Trouble> {
        if wanted.all || !wanted.names.is_empty() {
            return Err(Trouble::new(
                "`--group` names all services of the command. Remove `--all` and the names of services.",
            ));
        }
        let of_file = |(name, text): &(String, String)| file::group(name, text, group);
        Ok(Self::Group {
            name: group.to_owned(),
            cluster: wanted.cluster.clone(),
            members: wanted.file.as_ref().map(of_file).transpose()?,
        })
    }

    /// The region that the ARNs name; absent when none does.
    ///
    /// # Errors
    /// They name several.
    pub fn region(&self) -> Result<Option<String>, Trouble> {
        let clusters: Vec<&String> = match self {
            Self::Services(targets) => targets
                .iter()
                .filter_map(|it| it.cluster.as_ref())
                .collect(),
            Self::All(cluster) => cluster.iter().collect(),
            Self::Group {
                cluster, members, ..
            } => {
                let members = members.iter().flatten();
                let named = members.filter_map(|it| it.cluster.as_ref());
                named.chain(cluster).collect()
            }
        };
        let regions = clusters.into_iter().filter_map(|arn| region_of(arn));
        let mut regions: Vec<&str> = regions.collect();
        regions.sort_unstable();
        regions.dedup();
        match regions.as_slice() {
            [] => Ok(None),
            [one] => Ok(Some((*one).to_owned())),
            // Its members are reached where they are.
            [first, ..] if matches!(self, Self::Group { .. }) => Ok(Some((*first).to_owned())),
            several => Err(Trouble::new(format!(
                "The services are in several regions ({}). Run the command once for each region.",
                several.join(", ")
            ))),
        }
    }

    /// The services that are asked for, in that order; those of a cluster by name, those of a group by wave and name.
    ///
    /// # Errors
    /// One of them, or its cluster, is not there: the message names the nearest that are.
    pub async fn resolve(&self, ports: &Ports) -> Result<Vec<Chosen>, Trouble> {
        match self {
            Self::All(cluster) => all_of(ports, cluster.as_deref()).await,
            Self::Group {
                name,
                cluster,
                members: None,
            } => group::carrying(ports, name, cluster.as_deref()).await,
            Self::Group {
                name,
                members: Some(members),
                ..
            } => {
                let places = &Places::from(ports);
                let found = members.iter().map(|target| async move {
                    let service = ServiceRef {
                        cluster: target.cluster.clone().unwrap_or_default(),
                        name: target.name.clone(),
                    };
                    let ports = places.at(&service).await;
                    one(&ports, target, service.cluster).await
                });
                let found = join_all(found).await.into_iter();
                group::members(name, found.collect::<Result<_, _>>()?)
            }
            Self::Services(targets) => {
                let only = match targets.iter().any(|it| it.cluster.is_none()) {
                    true => Some(only_cluster(ports).await?),
                    false => None,
                };
                let found = targets.iter().map(|target| {
                    let cluster = target.cluster.clone().or_else(|| only.clone());
                    one(ports, target, cluster.unwrap_or_default())
                });
                join_all(found).await.into_iter().collect()
            }
        }
    }
}

/// A name, `CLUSTER/NAME`, or an ARN.
fn named(name: &str, cluster: Option<&str>) -> Result<Target, Trouble> {
    let target = |cluster: Option<String>, name: &str| Target {
        cluster,
        name: name.to_owned(),
        route: None,
        planned: None,
        last: None,
    };
    if name.starts_with("arn:") {
        let arn = ServiceArn::parse(name).ok_or_else(|| {
            Trouble::new(format!(
                "`{name}` is not the ARN of an ECS service. It looks like \
                 `arn:aws:ecs:REGION:ACCOUNT:service/CLUSTER/NAME`."
            ))
        })?;
        let named = arn.cluster_arn().or_else(|| cluster.map(str::to_owned));
        return Ok(target(named, arn.name));
    }
    match name.split_once('/') {
        None if name.is_empty() => Err(Trouble::new("The name of a service is empty.")),
        None => Ok(target(cluster.map(str::to_owned), name)),
        Some((cluster, name)) if !cluster.is_empty() && !name.is_empty() && !name.contains('/') => {
            Ok(target(Some(cluster.to_owned()), name))
        }
        Some(_) => Err(Trouble::new(format!(
            "`{name}` is not the name of a service. Write NAME, CLUSTER/NAME, or its ARN."
        ))),
    }
}

/// The cluster of the region, where there is exactly one.
async fn only_cluster(ports: &Ports) -> Result<String, Trouble> {
    let clusters = ports.services.list_clusters().await;
    let clusters = clusters.map_err(|error| Trouble::reading(&error))?;
    match clusters.as_slice() {
        [one] => Ok(one.clone()),
        clusters => Err(Trouble::new(format!(
            "The cluster is not named. Add `--cluster`. {}",
            there_are(ports, clusters).await
        ))),
    }
}

async fn one(ports: &Ports, target: &Target, cluster: String) -> Result<Chosen, Trouble> {
    let service = ServiceRef {
        cluster,
        name: target.name.clone(),
    };
    match ports.services.find_service(&service).await {
        Ok(Some(found)) if found.status != ServiceStatus::Inactive => Ok(Chosen {
            planned: target.planned.clone(),
            last: target.last.clone(),
            ..chosen(found, target.route.clone())
        }),
        Ok(_) => Err(no_service(ports, &service).await),
        Err(error) if error.kind == ErrorKind::NotFound => {
            Err(no_cluster(ports, &service.cluster, &error).await)
        }
        Err(error) => Err(Trouble::reading(&error)),
    }
}

fn chosen(found: Service, route: Option<String>) -> Chosen {
    Chosen {
        service: ServiceRef {
            cluster: found.cluster_arn.clone(),
            name: found.name.clone(),
        },
        found,
        route,
        planned: None,
        last: None,
    }
}

async fn all_of(ports: &Ports, cluster: Option<&str>) -> Result<Vec<Chosen>, Trouble> {
    let cluster = match cluster {
        Some(cluster) => cluster.to_owned(),
        None => only_cluster(ports).await?,
    };
    let mut found = match ports.services.list_services(&cluster).await {
        Ok(found) => found,
        Err(error) if error.kind == ErrorKind::NotFound => {
            return Err(no_cluster(ports, &cluster, &error).await);
        }
        Err(error) => return Err(Trouble::reading(&error)),
    };
    found.retain(|service| service.status != ServiceStatus::Inactive);
    found.sort_by(|one, other| one.name.cmp(&other.name));
    if found.is_empty() {
        return Err(Trouble::new(format!(
            "Cluster `{}` has no services.",
            cluster_name(&cluster)
        )));
    }
    Ok(found.into_iter().map(|found| chosen(found, None)).collect())
}

/// Where that is.
async fn place(ports: &Ports) -> String {
    match ports.services.region().await {
        Some(region) => format!("in {region}"),
        None => "in this region".to_owned(),
    }
}

async fn there_are(ports: &Ports, clusters: &[String]) -> String {
    let place = place(ports).await;
    match clusters {
        [] => format!(
            "There are no clusters {place} for these credentials: check the region (`--region`) and the account."
        ),
        clusters => {
            let names: Vec<String> = clusters
                .iter()
                .map(|arn| format!("`{}`", cluster_name(arn)))
                .collect();
            format!("Clusters {place}: {}.", some_of(&names))
        }
    }
}

/// The first of them, and how many more there are.
fn some_of(names: &[String]) -> String {
    const SHOWN: usize = 10;
    let shown = names
        .iter()
        .take(SHOWN)
        .cloned()
        .collect::<Vec<_>>()
        .join(", ");
    match names.len().saturating_sub(SHOWN) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

async fn no_cluster(ports: &Ports, cluster: &str, error: &Error) -> Trouble {
    let Ok(clusters) = ports.services.list_clusters().await else {
        return Trouble::reading(error);
    };
    let name = cluster_name(cluster);
    let place = place(ports).await;
    let names: Vec<&str> = clusters.iter().map(|arn| cluster_name(arn)).collect();
    if names.is_empty() {
        return Trouble::new(format!(
            "There is no cluster `{name}` {place}. {}",
            there_are(ports, &clusters).await
        ));
    }
    // Of the same name and yet not found: the ARN is of another account or region.
    if cluster.starts_with("arn:") && names.contains(&name) {
        return Trouble::new(format!(
            "There is no cluster `{cluster}` {place} for these credentials; the cluster `{name}` {place} is in a \
             different account or region. Check the ARN and the credentials."
        ));
    }
    Trouble::new(match nearest(name, &names).as_slice() {
        [] => format!(
            "There is no cluster `{name}` {place}. {} For a different region, use `--region`.",
            there_are(ports, &clusters).await
        ),
        near => format!(
            "There is no cluster `{name}` {place}. Did you mean {}? For a different region, use `--region`.",
            or(near)
        ),
    })
}

async fn no_service(ports: &Ports, service: &ServiceRef) -> Trouble {
    let cluster = service.cluster_name();
    let place = place(ports).await;
    let missing = format!(
        "There is no service `{}` in cluster `{cluster}` {place}.",
        service.name
    );
    let Ok(found) = ports.services.list_services(&service.cluster).await else {
        return Trouble::new(missing);
    };
    let active = found
        .iter()
        .filter(|found| found.status != ServiceStatus::Inactive);
    let mut names: Vec<&str> = active.map(|found| found.name.as_str()).collect();
    names.sort_unstable();
    Trouble::new(
        match (names.as_slice(), nearest(&service.name, &names).as_slice()) {
            ([], _) => format!("{missing} The cluster has no services."),
            (names, []) => {
                let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
                format!("{missing} Its services: {}.", some_of(&names))
            }
            (_, near) => format!("{missing} Did you mean {}?", or(near)),
        },
    )
}

fn or(names: &[&str]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    match quoted.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, others)) => format!("{} or {last}", others.join(", ")),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted(names: &[&str], cluster: Option<&str>, all: bool) -> Wanted {
        Wanted {
            names: names.iter().map(|&name| name.to_owned()).collect(),
            cluster: cluster.map(str::to_owned),
            all,
            ..Wanted::default()
        }
    }

    fn service(cluster: Option<&str>, name: &str) -> Target {
        Target {
            cluster: cluster.map(str::to_owned),
            name: name.to_owned(),
            route: None,
            planned: None,
            last: None,
        }
    }

    #[test]
    fn services_are_named_in_three_ways() {
        let arn = "arn:aws:ecs:eu-west-1:123456789012:service/shop/api";
        let found =
            Selection::of(&wanted(&["web", "shop/cart", arn], Some("main"), false)).unwrap();
        let cluster = "arn:aws:ecs:eu-west-1:123456789012:cluster/shop";
        let targets = vec![
            service(Some("main"), "web"),
            service(Some("shop"), "cart"),
            service(Some(cluster), "api"),
        ];
        assert_eq!(found, Selection::Services(targets));
        assert_eq!(found.region().unwrap().as_deref(), Some("eu-west-1"));
        let all = Selection::of(&wanted(&[], Some("main"), true)).unwrap();
        assert_eq!(all, Selection::All(Some("main".to_owned())));
        assert_eq!(all.region().unwrap(), None);
    }

    #[test]
    fn what_names_nothing_is_refused() {
        for (names, all) in [
            (&[][..], false),
            (&[""], false),
            (&["/web"], false),
            (&["a/b/c"], false),
            (&["arn:aws:s3:::bucket"], false),
            (&["web"], true),
        ] {
            assert!(
                Selection::of(&wanted(names, Some("main"), all)).is_err(),
                "{names:?}"
            );
        }
        let group = |names: &[&str], all| Wanted {
            group: Some("shop".to_owned()),
            ..wanted(names, None, all)
        };
        assert!(Selection::of(&group(&[], false)).is_ok());
        for (names, all) in [(&["web"][..], false), (&[], true)] {
            assert!(Selection::of(&group(names, all)).is_err(), "{names:?}");
        }
        let two = [
            "arn:aws:ecs:eu-west-1:123456789012:service/shop/api",
            "arn:aws:ecs:us-east-1:123456789012:service/shop/api",
        ];
        let two = Selection::of(&wanted(&two, None, false)).unwrap();
        let message = two.region().unwrap_err().to_string();
        assert!(message.contains("eu-west-1, us-east-1"), "{message}");
    }
}
