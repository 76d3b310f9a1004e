//! What a resource uses of the items that have prices.

use std::collections::{BTreeMap, HashMap};

use bigdecimal::{BigDecimal, One as _};
use serde_json::{Map, Value};
use switchyard_prices::{FargateTasks, fargate_usage};

use crate::glob;

/// What is used of each item of a price list; or why that cannot be told.
pub(super) type Usage = Result<BTreeMap<String, BigDecimal>, String>;

/// How the use of some types is told from their attributes.
#[derive(Debug)]
pub(super) struct Meter {
    types: &'static [&'static str],
    /// All attributes that decide it.
    pub(super) attributes: &'static [&'static str],
    pub(super) usage: fn(&Object, &Sizes) -> Usage,
    /// Of the other attributes, those that cost nothing.
    pub(super) is_free: fn(&str) -> bool,
}

type Object = Map<String, Value>;

pub(super) fn find(resource_type: &str) -> Option<&'static Meter> {
    METERS
        .iter()
        .find(|meter| meter.types.contains(&resource_type))
}

const METERS: &[Meter] = &[
    Meter {
        types: &["switchyard_blue_green_service"],
        attributes: SERVICE,
        usage: service,
        // Public addresses of tasks are charged; nothing else of a service is.
        is_free: |key| key != "network_configuration",
    },
    Meter {
        types: &["aws_ecs_service"],
        attributes: SERVICE,
        usage: service,
        is_free: |key| FREE_OF_SERVICES.contains(&key),
    },
    Meter {
        types: &["aws_nat_gateway"],
        attributes: &[],
        usage: |_, _| one("nat-gateway.hour"),
        is_free: nothing,
    },
    Meter {
        types: &["aws_eip"],
        attributes: &[],
        usage: |_, _| one("public-ipv4.hour"),
        is_free: nothing,
    },
    Meter {
        types: &["aws_lb", "aws_alb"],
        attributes: &["load_balancer_type"],
        usage: |lb, _| one(&format!("lb.{}.hour", text(lb, "load_balancer_type")?)),
        is_free: nothing,
    },
    Meter {
        types: &["aws_vpc_endpoint"],
        attributes: &["subnet_ids", "vpc_endpoint_type"],
        usage: endpoint,
        is_free: nothing,
    },
    Meter {
        types: &["aws_instance"],
        attributes: &[
            "instance_lifecycle",
            "instance_state",
            "instance_type",
            "tenancy",
        ],
        usage: instance,
        is_free: nothing,
    },
    Meter {
        types: &["aws_ebs_volume"],
        attributes: &["iops", "size", "throughput", "type"],
        usage: volume,
        is_free: nothing,
    },
    Meter {
        types: &["aws_db_instance"],
        attributes: &[
            "allocated_storage",
            "engine",
            "instance_class",
            "iops",
            "multi_az",
            "storage_type",
        ],
        usage: database,
        is_free: |key| FREE_OF_DATABASES.contains(&key),
    },
    Meter {
        types: &["aws_rds_cluster_instance"],
        attributes: &["engine", "instance_class"],
        usage: |db, _| {
            let (engine, class) = (text(db, "engine")?, text(db, "instance_class")?);
            one(&format!("rds.{engine}.{class}.hour"))
        },
        is_free: nothing,
    },
    Meter {
        types: &["aws_elasticache_cluster"],
        attributes: &["engine", "node_type", "num_cache_nodes"],
        usage: |cache, _| nodes(cache, whole(cache, "num_cache_nodes")?),
        is_free: nothing,
    },
    Meter {
        types: &["aws_elasticache_replication_group"],
        attributes: &["engine", "node_type", "num_cache_clusters"],
        usage: |cache, _| nodes(cache, whole(cache, "num_cache_clusters")?),
        is_free: nothing,
    },
    Meter {
        types: &["aws_dynamodb_table"],
        attributes: &[
            "billing_mode",
            "global_secondary_index",
            "read_capacity",
            "write_capacity",
        ],
        usage: table,
        is_free: nothing,
    },
    Meter {
        types: &["aws_cloudwatch_metric_alarm"],
        attributes: &["metric_query", "period", "threshold_metric_id"],
        usage: alarm,
        is_free: nothing,
    },
    Meter {
        types: &["aws_cloudwatch_composite_alarm"],
        attributes: &[],
        usage: |_, _| one("cloudwatch.alarm.composite.month"),
        is_free: nothing,
    },
    Meter {
        types: &["aws_kms_key"],
        attributes: &[],
        usage: |_, _| one("kms.key.month"),
        is_free: nothing,
    },
    Meter {
        types: &["aws_secretsmanager_secret"],
        attributes: &["replica"],
        usage: |secret, _| {
            let copies = list(secret, "replica").len() + 1;
            several("secretsmanager.secret.month", count(copies))
        },
        is_free: nothing,
    },
    Meter {
        types: &["aws_route53_zone"],
        attributes: &[],
        usage: |_, _| one("route53.zone.month"),
        is_free: nothing,
    },
];

/// For meters whose other attributes may all cost something.
fn nothing(_: &str) -> bool {
    false
}

const SERVICE: &[&str] = &[
    "capacity_provider_strategy",
    "desired_count",
    "launch_type",
    "task_definition",
];

const FREE_OF_SERVICES: &[&str] = &[
    "alarms",
    "availability_zone_rebalancing",
    "deployment_circuit_breaker",
    "deployment_configuration",
    "deployment_controller",
    "deployment_maximum_percent",
    "deployment_minimum_healthy_percent",
    "enable_ecs_managed_tags",
    "enable_execute_command",
    "health_check_grace_period_seconds",
    "iam_role",
    "load_balancer",
    "ordered_placement_strategy",
    "placement_constraints",
    "platform_version",
    "propagate_tags",
];

const FREE_OF_DATABASES: &[&str] = &[
    "apply_immediately",
    "backup_window",
    "ca_cert_identifier",
    "db_subnet_group_name",
    "iam_database_authentication_enabled",
    "latest_restorable_time",
    "maintenance_window",
    "option_group_name",
    "parameter_group_name",
    "password",
    "username",
];

/// Types that AWS does not charge for.
const FREE_TYPES: &[&str] = &[
    "aws_*security_group",
    "aws_*security_group_rule",
    "aws_vpc_security_group_*_rule",
    "aws_iam_*",
    "aws_route",
    "aws_*route_table",
    "aws_*route_table_association",
    "aws_subnet",
    "aws_default_subnet",
    "aws_vpc",
    "aws_default_vpc",
    "aws_internet_gateway",
    "aws_*network_acl",
    "aws_network_acl_rule",
    "aws_*lb_listener",
    "aws_*lb_listener_certificate",
    "aws_*lb_listener_rule",
    "aws_*lb_target_group",
    "aws_*lb_target_group_attachment",
    "aws_lambda_permission",
    "aws_s3_bucket_ownership_controls",
    "aws_s3_bucket_policy",
    "aws_s3_bucket_public_access_block",
    "aws_s3_account_public_access_block",
    "aws_*_policy_attachment",
    "aws_backup_vault_policy",
    "aws_ecr_repository_policy",
    "aws_efs_file_system_policy",
    "aws_kms_key_policy",
    "aws_opensearch_domain_policy",
    "aws_secretsmanager_secret_policy",
    "aws_sns_topic_policy",
    "aws_sqs_queue_policy",
    "aws_vpc_endpoint_policy",
    "aws_ecs_task_definition",
    "aws_db_subnet_group",
    "aws_elasticache_subnet_group",
    "aws_key_pair",
    "aws_launch_template",
    "switchyard_listener_rule",
];

/// Attributes that cost nothing on any type.
const FREE_ATTRIBUTES: &[&str] = &[
    "access_policies",
    "access_policy",
    "assume_role_policy",
    "authorization_type",
    "deletion_protection",
    "description",
    "enable_deletion_protection",
    "iam_instance_profile",
    "iam_role",
    "iam_roles",
    "inline_policy",
    "managed_policy_arns",
    "metadata_options",
    "permissions_boundary",
    "policy",
    "public_access_cidrs",
    "publicly_accessible",
    "resource_policy",
    "role",
    "security_group_ids",
    "security_groups",
    "status",
    "tag",
    "tags",
    "tags_all",
    "vpc_security_group_ids",
];

pub(super) fn is_free(resource_type: &str) -> bool {
    fits_any(FREE_TYPES, resource_type)
}

pub(super) fn is_free_attribute(key: &str) -> bool {
    FREE_ATTRIBUTES.contains(&key)
}

/// How large tasks are, by `family:revision`. Holds only those that were asked for.
#[derive(Debug, Default)]
pub(crate) struct Sizes(HashMap<String, Option<Object>>);

const SIZE: &[&str] = &["cpu", "memory", "ephemeral_storage", "runtime_platform"];

impl Sizes {
    pub(crate) fn ask(&mut self, revision: String) {
        self.0.entry(revision).or_default();
    }

    /// Whether anybody has asked.
    pub(crate) fn is_asked(&self) -> bool {
        !self.0.is_empty()
    }

    /// Takes a task definition of the plan, as it is now; one that nobody has asked for only while it is not known who
    /// will ask.
    pub(crate) fn take(&mut self, definition: &Value, is_all_asked: bool) {
        let Some(revision) = definition.get("arn").and_then(Value::as_str).map(revision) else {
            return;
        };
        if is_all_asked && !self.0.contains_key(&revision) {
            return;
        }
        let part = |key: &&str| Some(((*key).to_owned(), definition.get(*key)?.clone()));
        self.0
            .insert(revision, Some(SIZE.iter().filter_map(part).collect()));
    }

    fn find(&self, revision: &str) -> Result<&Object, String> {
        let found = self.0.get(revision).and_then(Option::as_ref);
        found.ok_or_else(|| format!("the plan does not show the size of the tasks of {revision}"))
    }
}

/// `family:revision` of a task definition, whichever way it is named.
pub(super) fn revision(name: &str) -> String {
    match name.rsplit_once("task-definition/") {
        Some((_, revision)) => revision.to_owned(),
        None => name.to_owned(),
    }
}

/// Tasks of a service, as many as are wanted.
fn service(service: &Object, sizes: &Sizes) -> Usage {
    let Some(spot) = is_spot(service)? else {
        return Ok(BTreeMap::new());
    };
    let tasks = whole(service, "desired_count")?;
    let revision = revision(text(service, "task_definition")?);
    let size = sizes.find(&revision)?;
    let platform = list(size, "runtime_platform").first();
    let word = |key| platform.and_then(|platform| platform.get(key)?.as_str());
    let system = match word("operating_system_family").unwrap_or("LINUX") {
        "LINUX" => "",
        word if word.starts_with("WINDOWS") => "windows-",
        word => return Err(format!("what {word} costs is not known")),
    };
    let architecture = word("cpu_architecture").unwrap_or("X86_64").to_lowercase();
    let unknown = || format!("the plan does not show the size of the tasks of {revision}");
    let units = |key| parsed(size.get(key)).ok_or_else(unknown);
    let storage = list(size, "ephemeral_storage").first();
    let storage = parsed(storage.and_then(|storage| storage.get("size_in_gib")));
    Ok(fargate_usage(&FargateTasks {
        spot,
        platform: &format!("{system}{architecture}"),
        cpu: &units("cpu")?,
        memory: &units("memory")?,
        storage: storage.as_ref(),
        tasks: &tasks,
    }))
}

/// Whether the tasks of a service run on Fargate Spot; none on instances, which are charged themselves.
fn is_spot(service: &Object) -> Result<Option<bool>, String> {
    let providers: Vec<_> = list(service, "capacity_provider_strategy")
        .iter()
        .filter_map(|share| share.get("capacity_provider")?.as_str())
        .collect();
    let launch_type = service.get("launch_type").and_then(Value::as_str);
    match (providers.as_slice(), launch_type.unwrap_or_default()) {
        (["FARGATE"], _) | ([], "FARGATE") => Ok(Some(false)),
        (["FARGATE_SPOT"], _) => Ok(Some(true)),
        ([], "EC2" | "EXTERNAL") => Ok(None),
        ([], _) => Err("the plan does not show what the tasks run on".to_owned()),
        (providers, _) if !providers.iter().any(|name| name.starts_with("FARGATE")) => Ok(None),
        _ => Err(
            "the tasks are split between capacity providers, and the plan does not show how many run on each"
                .to_owned(),
        ),
    }
}

fn endpoint(endpoint: &Object, _: &Sizes) -> Usage {
    match text(endpoint, "vpc_endpoint_type")? {
        "Gateway" => Ok(BTreeMap::new()),
        "Interface" | "GatewayLoadBalancer" => several(
            "vpc-endpoint.hour",
            count(list(endpoint, "subnet_ids").len()),
        ),
        other => Err(format!(
            "the gate has no prices for endpoints of type {other}"
        )),
    }
}

fn instance(instance: &Object, _: &Sizes) -> Usage {
    let lifecycle = instance.get("instance_lifecycle").and_then(Value::as_str);
    let prefix = match lifecycle.unwrap_or_default() {
        "" => "ec2",
        "spot" => "ec2-spot",
        other => {
            return Err(format!(
                "the gate has no prices for instances of type {other}"
            ));
        }
    };
    match instance.get("tenancy").and_then(Value::as_str) {
        None | Some("" | "default") => {}
        Some(other) => return Err(format!("the gate has no prices for tenancy {other}")),
    }
    match instance.get("instance_state").and_then(Value::as_str) {
        Some("stopping" | "stopped" | "shutting-down" | "terminated") => Ok(BTreeMap::new()),
        _ => one(&format!(
            "{prefix}.{}.hour",
            text(instance, "instance_type")?
        )),
    }
}

fn volume(volume: &Object, _: &Sizes) -> Usage {
    let kind = text(volume, "type")?;
    let mut usage = several(&format!("ebs.{kind}.gb-month"), whole(volume, "size")?)?;
    let (free_iops, free_throughput) = match kind {
        "io1" | "io2" => (0, None),
        "gp3" => (3000, Some(125)),
        _ => return Ok(usage),
    };
    let iops = whole(volume, "iops")? - BigDecimal::from(free_iops);
    usage.insert(format!("ebs.{kind}.iops-month"), iops);
    if let Some(free) = free_throughput {
        let throughput = whole(volume, "throughput")? - BigDecimal::from(free);
        usage.insert(format!("ebs.{kind}.mibps-month"), throughput);
    }
    Ok(usage)
}

fn database(db: &Object, _: &Sizes) -> Usage {
    let (engine, class) = (text(db, "engine")?, text(db, "instance_class")?);
    // The standby costs as much as the instance, and its storage too.
    let copies = BigDecimal::from(match flag(db, "multi_az")? {
        true => 2,
        false => 1,
    });
    let kind = text(db, "storage_type")?;
    let storage = whole(db, "allocated_storage")?;
    let mut usage = BTreeMap::from([
        (format!("rds.{engine}.{class}.hour"), copies.clone()),
        (format!("rds.storage.{kind}.gb-month"), &copies * &storage),
    ]);
    let free_iops = match kind {
        "io1" | "io2" => BigDecimal::from(0),
        // Larger ones are striped, and have more.
        "gp3" if storage < 400 => BigDecimal::from(3000),
        "gp3" => BigDecimal::from(12000),
        _ => return Ok(usage),
    };
    let beyond = whole(db, "iops")? - free_iops;
    usage.insert(format!("rds.storage.{kind}.iops-month"), copies * beyond);
    Ok(usage)
}

fn nodes(cache: &Object, number: BigDecimal) -> Usage {
    let (engine, node) = (text(cache, "engine")?, text(cache, "node_type")?);
    several(&format!("elasticache.{engine}.{node}.hour"), number)
}

fn table(table: &Object, _: &Sizes) -> Usage {
    match text(table, "billing_mode")? {
        "PROVISIONED" => {}
        "PAY_PER_REQUEST" => return Err("the table is charged by request".to_owned()),
        other => return Err(format!("the gate has no prices for billing mode {other}")),
    }
    let units = |key| {
        let indexes = list(table, "global_secondary_index").iter();
        indexes
            .filter_map(Value::as_object)
            .try_fold(whole(table, key)?, |sum, index| {
                Ok::<_, String>(sum + whole(index, key)?)
            })
    };
    Ok(BTreeMap::from([
        (
            "dynamodb.read-unit.hour".to_owned(),
            units("read_capacity")?,
        ),
        (
            "dynamodb.write-unit.hour".to_owned(),
            units("write_capacity")?,
        ),
    ]))
}

fn alarm(alarm: &Object, _: &Sizes) -> Usage {
    let is_plain = list(alarm, "metric_query").is_empty()
        && alarm
            .get("threshold_metric_id")
            .is_none_or(|id| id.is_null() || id == "");
    if !is_plain {
        return Err(
            "an alarm on several metrics is charged by the number and resolution of the metrics"
                .to_owned(),
        );
    }
    let is_fast = whole(alarm, "period")? < 60;
    one(match is_fast {
        true => "cloudwatch.alarm.high-resolution.month",
        false => "cloudwatch.alarm.standard.month",
    })
}

fn one(item: &str) -> Usage {
    several(item, BigDecimal::one())
}

fn several(item: &str, quantity: BigDecimal) -> Usage {
    Ok(BTreeMap::from([(item.to_owned(), quantity)]))
}

fn count(number: usize) -> BigDecimal {
    BigDecimal::from(u64::try_from(number).unwrap_or(u64::MAX))
}

fn missing(key: &str) -> String {
    format!("the plan does not show `{key}`")
}

fn text<'o>(object: &'o Object, key: &str) -> Result<&'o str, String> {
    let text = object.get(key).and_then(Value::as_str);
    text.filter(|text| !text.is_empty())
        .ok_or_else(|| missing(key))
}

fn flag(object: &Object, key: &str) -> Result<bool, String> {
    object
        .get(key)
        .and_then(Value::as_bool)
        .ok_or_else(|| missing(key))
}

fn list<'o>(object: &'o Object, key: &str) -> &'o [Value] {
    let list = object.get(key).and_then(Value::as_array);
    list.map(Vec::as_slice).unwrap_or_default()
}

/// A whole number, which some attributes hold as text.
fn whole(object: &Object, key: &str) -> Result<BigDecimal, String> {
    parsed(object.get(key)).ok_or_else(|| missing(key))
}

fn parsed(value: Option<&Value>) -> Option<BigDecimal> {
    let number = match value? {
        Value::Number(number) => number.as_u64(),
        Value::String(text) => text.parse().ok(),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    };
    number.map(BigDecimal::from)
}

/// Whether a name fits one of the patterns.
pub(super) fn fits_any(patterns: &[&str], name: &str) -> bool {
    patterns.iter().any(|pattern| glob::matches(pattern, name))
}
