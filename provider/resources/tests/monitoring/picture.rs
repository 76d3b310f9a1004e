//! The picture of a dashboard in the guide: every widget of a body at its place, with its title and its legend.
//! `UPDATE_DOCS=1` rewrites it.

use std::path::Path;

use serde_json::Value as Json;
use tfplugin::value::Value;

use crate::account::{Account, BOARD, board, object};

/// Pixels of a cell of CloudWatch's grid.
const WIDE: u64 = 40;
const HIGH: u64 = 20;
/// Pixels between widgets.
const GAP: u64 = 6;
const COLORS: [&str; 6] = [
    "#1f77b4", "#ff7f0e", "#2ca02c", "#d62728", "#9467bd", "#8c564b",
];

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}

/// What the legend of a widget says.
fn legend(properties: &Json) -> Vec<String> {
    let lines = properties["metrics"].as_array().into_iter().flatten();
    let metrics = lines.filter_map(|line| {
        let parts = line.as_array()?;
        let options = parts.last()?;
        if options["visible"] == false {
            return None;
        }
        let name = parts.get(1).and_then(Json::as_str);
        options["label"].as_str().or(name).map(str::to_owned)
    });
    let alarms = properties["alarms"].as_array().into_iter().flatten();
    let alarms = alarms.filter_map(|arn| arn.as_str()?.rsplit(':').next().map(str::to_owned));
    metrics.chain(alarms).collect()
}

fn widget(svg: &mut String, widget: &Json) {
    let of = |member: &str| widget[member].as_u64().unwrap();
    let (x, y) = (of("x") * WIDE + GAP / 2, of("y") * HIGH + GAP / 2);
    let (width, height) = (of("width") * WIDE - GAP, of("height") * HIGH - GAP);
    let properties = &widget["properties"];
    let markdown = properties["markdown"]
        .as_str()
        .unwrap_or_default()
        .replace(['#', '*'], "");
    let title = properties["title"]
        .as_str()
        .map_or_else(|| markdown.trim().replace('\n', " – "), str::to_owned);
    svg.push_str(&format!("<g><rect x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" rx=\"4\"/><text class=\"title\" x=\"{}\" y=\"{}\">{}</text>\n",
        x + 8,
        y + 18,
        escaped(&title)));
    // Marks are lines at their places in the legend's stead: a body has no values.
    if properties["annotations"]["vertical"].is_array() {
        let at = x + width - 24;
        svg.push_str(&format!(
            "<line class=\"mark\" x1=\"{at}\" y1=\"{}\" x2=\"{at}\" y2=\"{}\"/>\n",
            y + 26,
            y + height - 6
        ));
    }
    let legend = legend(properties);
    let rows = ((height.saturating_sub(28)) / 16).max(1);
    let columns = u64::try_from(legend.len()).unwrap().div_ceil(rows).max(1);
    let step = (width - 16) / columns;
    for (number, label) in legend.iter().enumerate() {
        let place = u64::try_from(number).unwrap();
        let (left, top) = (x + 8 + place / rows * step, y + 36 + place % rows * 16);
        let color = COLORS[number % COLORS.len()];
        svg.push_str(&format!("<rect class=\"key\" x=\"{left}\" y=\"{}\" width=\"10\" height=\"3\" style=\"fill:{color}\"/><text x=\"{}\" y=\"{top}\">{}</text>\n",
            top - 5,
            left + 14,
            escaped(label)));
    }
    svg.push_str("</g>\n");
}

fn drawn(body: &Json) -> String {
    let widgets = body["widgets"].as_array().unwrap();
    let bottom = widgets
        .iter()
        .map(|it| it["y"].as_u64().unwrap() + it["height"].as_u64().unwrap());
    let (width, height) = (24 * WIDE, bottom.max().unwrap() * HIGH);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" role=\"img\" aria-label=\"Widgets of a dashboard\">\n\
         <style>svg{{background:#fff}}rect{{fill:#fafbfc;stroke:#c8d1da}}rect.key{{stroke:none}}\
         text{{font:11px sans-serif;fill:#444}}text.title{{font-size:13px;font-weight:bold;fill:#16191f}}\
         line.mark{{stroke:#d62728;stroke-dasharray:3}}</style>\n"
    );
    for one in widgets {
        widget(&mut svg, one);
    }
    svg.push_str("</svg>\n");
    svg
}

#[tokio::test]
async fn the_picture_of_the_guide_is_made_from_a_planned_body() {
    let config = board()
        .with_attribute("name", "shop-checkout")
        .with_attribute("service", "checkout")
        .with_attribute("databases", Value::set(["shop-orders"]))
        .with_attribute("caches", Value::set(["shop-sessions-001"]))
        .with_attribute("deployment_log_group", "/aws/events/ecs-deployments")
        .with_attribute("marks", Value::map([("release 7", "2026-11-30T14:05:00Z")]))
        .with_attribute(
            "alarms",
            Value::set(["arn:aws:cloudwatch:eu-west-1:123456789012:alarm:shop-checkout-unhealthy"]),
        )
        .with_attribute(
            "metric",
            Value::list([
                object! { graph: "Orders a minute", namespace: "Shop", name: "OrdersPlaced" },
                object! { graph: "Orders a minute", namespace: "Shop", name: "OrdersCanceled" },
            ]),
        );
    let plan = Account::new().terraform().await.plan(BOARD, config).await;
    let body: Json = serde_json::from_str(plan.attribute("body").as_str().unwrap()).unwrap();
    let picture = drawn(&body);
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/images/dashboard.svg");
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&path, &picture).unwrap();
    }
    let shown = std::fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(shown, picture, "run the test with UPDATE_DOCS=1");
}
