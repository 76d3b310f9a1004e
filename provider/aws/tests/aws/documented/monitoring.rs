//! Dashboards, tags of alarms, schedules: documented answers that need no more than a question.

use super::{Documents, all_read, cloudwatch, scaling};
use crate::documented::cases::{somewhere, text};

#[tokio::test]
async fn dashboards_are_read() {
    let documents = Documents::installed().await;
    let operation = cloudwatch("GetDashboard");
    let mut read = Vec::new();
    for answer in documents.answers(operation) {
        let fake = documents.replayed(&[(operation, answer.clone())]).await;
        let name = text(&answer, "/DashboardName");
        let found = fake.ports().monitoring.find_dashboard(&name).await;
        let found = found.unwrap().unwrap();
        assert_eq!(found.body, text(&answer, "/DashboardBody"));
        let body = format!("{:?} {}", found, found.body);
        read.push((answer, format!("{body} {name}")));
    }
    all_read(&documents, operation, &read, &[]);
}

#[tokio::test]
async fn tags_of_alarms_are_read() {
    let documents = Documents::installed().await;
    let operation = cloudwatch("ListTagsForResource");
    let mut read = Vec::new();
    for answer in documents.answers(operation) {
        let fake = documents.replayed(&[(operation, answer.clone())]).await;
        let tags = fake.ports().monitoring.tags("arn:alarm").await.unwrap();
        read.push((answer, format!("{tags:?}")));
    }
    all_read(&documents, operation, &read, &[]);
}

#[tokio::test]
async fn schedules_are_read() {
    let documents = Documents::installed().await;
    let operation = scaling("DescribeScheduledActions");
    let mut read = Vec::new();
    for mut answer in documents.answers(operation) {
        // The examples are of tables.
        for action in answer["ScheduledActions"].as_array_mut().unwrap() {
            action["ResourceId"] = "service/default/web".into();
        }
        let fake = documents.replayed(&[(operation, answer.clone())]).await;
        let found = fake.ports().scaling.scheduled_actions(&somewhere()).await;
        let found = found.unwrap();
        let actions = answer["ScheduledActions"].as_array().unwrap();
        assert_eq!(found.len(), actions.len());
        read.push((answer, format!("{found:?}")));
    }
    // What was asked for is known.
    let unread = [
        "ScheduledActions.ResourceId",
        "ScheduledActions.ScalableDimension",
    ];
    all_read(&documents, operation, &read, &unread);
}
