//! The graphs of a dashboard.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::desired::Settings;

/// A graph.
#[derive(Clone, Debug)]
pub(super) struct Graph {
    /// Title, unique on a dashboard.
    pub(super) title: String,
    /// Whether the lines stand on top of each other.
    pub(super) stacked: bool,
    /// Its lines.
    pub(super) lines: Vec<Value>,
}

/// A line of a graph: a metric.
pub(super) fn line(
    namespace: &str,
    name: &str,
    dimensions: &BTreeMap<String, String>,
    options: Value,
) -> Value {
    let mut line = vec![json!(namespace), json!(name)];
    for (name, value) in dimensions {
        line.push(json!(name));
        line.push(json!(value));
    }
    line.push(options);
    Value::Array(line)
}

fn pairs(dimensions: &[(&str, &str)]) -> BTreeMap<String, String> {
    dimensions
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}

fn graph(title: impl Into<String>, stacked: bool, lines: Vec<Value>) -> Graph {
    Graph {
        title: title.into(),
        stacked,
        lines,
    }
}

/// The lines of one metric after the other, with the same dimensions.
fn lines(namespace: &str, dimensions: &[(&str, &str)], metrics: &[(&str, &str)]) -> Vec<Value> {
    let dimensions = pairs(dimensions);
    let metrics = metrics.iter();
    metrics
        .map(|(name, stat)| {
            let options = json!({ "label": name, "stat": stat });
            line(namespace, name, &dimensions, options)
        })
        .collect()
}

/// The name of a target group in its dimension `targetgroup/NAME/ID`.
fn side(group: &str) -> &str {
    group.split('/').nth(1).unwrap_or(group)
}

/// One metric of each side.
fn by_side(settings: &Settings, name: &str, statistics: &[&str]) -> Vec<Value> {
    let balancer = settings.load_balancer.as_deref().unwrap_or_default();
    let groups = settings.target_groups.iter();
    groups
        .flat_map(|group| {
            let dimensions = pairs(&[("LoadBalancer", balancer), ("TargetGroup", group)]);
            statistics.iter().map(move |stat| {
                let label = match statistics {
                    [_] => side(group).to_owned(),
                    _ => format!("{} {stat}", side(group)),
                };
                let options = json!({ "label": label, "stat": stat });
                line("AWS/ApplicationELB", name, &dimensions, options)
            })
        })
        .collect()
}

/// Every graph, in rows.
pub(super) fn rows(settings: &Settings) -> Vec<Vec<Graph>> {
    let mut rows = Vec::new();
    if settings.load_balancer.is_some() && !settings.target_groups.is_empty() {
        rows.extend(of_load_balancer(settings));
    }
    rows.extend(of_service(settings));
    rows.extend(settings.databases.iter().map(|it| of_database(it)));
    rows.extend(settings.caches.iter().map(|it| of_cache(it)));
    let custom = custom(settings);
    rows.extend(custom.chunks(3).map(<[Graph]>::to_vec));
    rows
}

fn of_load_balancer(settings: &Settings) -> Vec<Vec<Graph>> {
    let balancer = settings.load_balancer.as_deref().unwrap_or_default();
    let own = |metrics| lines("AWS/ApplicationELB", &[("LoadBalancer", balancer)], metrics);
    vec![
        vec![
            graph(
                "Requests by side",
                true,
                by_side(settings, "RequestCount", &["Sum"]),
            ),
            graph(
                "Healthy tasks by side",
                true,
                by_side(settings, "HealthyHostCount", &["Minimum"]),
            ),
            graph(
                "Connections of the load balancer",
                false,
                own(&[
                    ("ActiveConnectionCount", "Sum"),
                    ("NewConnectionCount", "Sum"),
                    ("RejectedConnectionCount", "Sum"),
                ]),
            ),
        ],
        vec![
            graph(
                "Server errors by side (5xx)",
                true,
                by_side(settings, "HTTPCode_Target_5XX_Count", &["Sum"]),
            ),
            graph(
                "Client errors by side (4xx)",
                true,
                by_side(settings, "HTTPCode_Target_4XX_Count", &["Sum"]),
            ),
            graph(
                "Errors of the load balancer itself",
                true,
                own(&[
                    ("HTTPCode_ELB_5XX_Count", "Sum"),
                    ("HTTPCode_ELB_4XX_Count", "Sum"),
                    ("TargetConnectionErrorCount", "Sum"),
                ]),
            ),
        ],
        vec![graph(
            "Response time by side in seconds (p50, p90, p99)",
            false,
            by_side(settings, "TargetResponseTime", &["p50", "p90", "p99"]),
        )],
    ]
}

fn of_service(settings: &Settings) -> Vec<Vec<Graph>> {
    let dimensions = [
        ("ClusterName", settings.cluster.as_str()),
        ("ServiceName", settings.service.as_str()),
    ];
    let load = lines(
        "AWS/ECS",
        &dimensions,
        &[
            ("CPUUtilization", "Average"),
            ("MemoryUtilization", "Average"),
        ],
    );
    let load = graph("CPU and memory in percent", false, load);
    if !settings.container_insights {
        // Each task sends one sample a minute.
        let options = json!({ "label": "running tasks", "stat": "SampleCount" });
        let tasks = line("AWS/ECS", "CPUUtilization", &pairs(&dimensions), options);
        return vec![vec![load, graph("Tasks", false, vec![tasks])]];
    }
    let insights = |metrics| lines("ECS/ContainerInsights", &dimensions, metrics);
    let tasks = [
        ("DesiredTaskCount", "Average"),
        ("RunningTaskCount", "Average"),
        ("PendingTaskCount", "Average"),
    ];
    let network = [("NetworkRxBytes", "Average"), ("NetworkTxBytes", "Average")];
    let storage = [
        ("StorageReadBytes", "Average"),
        ("StorageWriteBytes", "Average"),
        ("EphemeralStorageUtilized", "Average"),
    ];
    vec![
        vec![load, graph("Tasks", false, insights(&tasks))],
        vec![
            graph("Network in bytes a second", false, insights(&network)),
            graph(
                "Storage: bytes read and written, GB used",
                false,
                insights(&storage),
            ),
        ],
    ]
}

fn of_database(identifier: &str) -> Vec<Graph> {
    let of = |metrics| lines("AWS/RDS", &[("DBInstanceIdentifier", identifier)], metrics);
    let titled = |what: &str| format!("Database {identifier}: {what}");
    vec![
        graph(
            titled("CPU in percent, connections"),
            false,
            of(&[
                ("CPUUtilization", "Average"),
                ("DatabaseConnections", "Maximum"),
            ]),
        ),
        graph(
            titled("latency and replica lag in seconds"),
            false,
            of(&[
                ("ReadLatency", "Average"),
                ("WriteLatency", "Average"),
                ("ReplicaLag", "Maximum"),
            ]),
        ),
        graph(
            titled("free storage and memory in bytes"),
            false,
            of(&[
                ("FreeStorageSpace", "Minimum"),
                ("FreeableMemory", "Minimum"),
            ]),
        ),
    ]
}

fn of_cache(identifier: &str) -> Vec<Graph> {
    let of = |metrics| {
        lines(
            "AWS/ElastiCache",
            &[("CacheClusterId", identifier)],
            metrics,
        )
    };
    let titled = |what: &str| format!("Cache {identifier}: {what}");
    vec![
        graph(
            titled("CPU and memory in percent"),
            false,
            of(&[
                ("EngineCPUUtilization", "Average"),
                ("DatabaseMemoryUsagePercentage", "Average"),
            ]),
        ),
        graph(
            titled("hits, misses and evictions"),
            false,
            of(&[
                ("CacheHits", "Sum"),
                ("CacheMisses", "Sum"),
                ("Evictions", "Sum"),
            ]),
        ),
        graph(
            titled("connections"),
            false,
            of(&[("CurrConnections", "Maximum")]),
        ),
    ]
}

/// Custom metrics, those with the same title in one graph.
fn custom(settings: &Settings) -> Vec<Graph> {
    let mut graphs: Vec<Graph> = Vec::new();
    for metric in &settings.metrics {
        let mut options = json!({ "stat": metric.statistic });
        if let (Some(options), Some(label)) = (options.as_object_mut(), &metric.label) {
            options.insert("label".to_owned(), json!(label));
        }
        let line = line(&metric.namespace, &metric.name, &metric.dimensions, options);
        match graphs.iter_mut().find(|graph| graph.title == metric.graph) {
            Some(graph) => graph.lines.push(line),
            None => graphs.push(graph(metric.graph.as_str(), false, vec![line])),
        }
    }
    graphs
}

/// What the overview shows as numbers: of both sides together where there are some.
pub(super) fn overview(settings: &Settings) -> Vec<Value> {
    let dimensions = [
        ("ClusterName", settings.cluster.as_str()),
        ("ServiceName", settings.service.as_str()),
    ];
    let load = lines(
        "AWS/ECS",
        &dimensions,
        &[
            ("CPUUtilization", "Average"),
            ("MemoryUtilization", "Average"),
        ],
    );
    let Some(balancer) = settings
        .load_balancer
        .as_deref()
        .filter(|_| !settings.target_groups.is_empty())
    else {
        return load;
    };
    let sides = settings.target_groups.len();
    let sum = |id: &str| {
        let terms: Vec<String> = (0..sides)
            .map(|side| format!("FILL({id}{side},0)"))
            .collect();
        terms.join("+")
    };
    let (requests, errors) = (sum("requests"), sum("errors"));
    let share = format!("IF({requests} > 0, 100*({errors})/({requests}), 0)");
    let computed = |id: &str, text: &str, label: &str| json!([{ "expression": text, "id": id, "label": label }]);
    let mut all = vec![
        computed("all", &requests, "requests a minute"),
        computed("share", &share, "errors in percent"),
        computed("tasks", &sum("healthy"), "healthy tasks"),
    ];
    for (number, group) in settings.target_groups.iter().enumerate() {
        let dimensions = pairs(&[("LoadBalancer", balancer), ("TargetGroup", group)]);
        for (id, name, stat) in [
            ("requests", "RequestCount", "Sum"),
            ("errors", "HTTPCode_Target_5XX_Count", "Sum"),
            ("healthy", "HealthyHostCount", "Minimum"),
        ] {
            let id = format!("{id}{number}");
            let options = json!({ "id": id, "stat": stat, "visible": false });
            all.push(line("AWS/ApplicationELB", name, &dimensions, options));
        }
    }
    let options = json!({ "label": "response time p99", "stat": "p99" });
    let balancer = pairs(&[("LoadBalancer", balancer)]);
    all.push(line(
        "AWS/ApplicationELB",
        "TargetResponseTime",
        &balancer,
        options,
    ));
    all.extend(load);
    all
}
