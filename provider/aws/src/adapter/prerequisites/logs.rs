//! CloudWatch Logs.

use switchyard_engine::ports::Result;

use super::super::absent_is_none;
use super::super::reference::log_group;
use super::call;
use crate::call::Caller;
use crate::convert::to_count;

const DESCRIBE_GROUPS: &str = "logs:DescribeLogGroups";
const GET_EVENTS: &str = "logs:GetLogEvents";

/// GetLogEvents may answer with an empty page before the end; more than a few are not worth waiting for.
const EMPTY_PAGES: u32 = 5;

/// DescribeLogGroups knows prefixes only: the name itself is looked for among all groups that start with it.
pub(super) async fn group_exists(caller: &Caller, group: &str) -> Result<bool> {
    let (of, name) = log_group(group);
    let client = caller.connection.logs(DESCRIBE_GROUPS, group).await?;
    let mut next = None;
    loop {
        let request = client
            .describe_log_groups()
            .log_group_name_prefix(name)
            .set_next_token(next)
            .customize()
            .config_override(in_region!(aws_sdk_cloudwatchlogs, of));
        let answer = caller
            .read(call(DESCRIBE_GROUPS, group), request.send())
            .await?;
        let mut groups = answer.log_groups().iter();
        if groups.any(|found| found.log_group_name() == Some(name)) {
            return Ok(true);
        }
        next = answer.next_token;
        if next.is_none() {
            return Ok(false);
        }
    }
}

/// The newest lines, oldest of them first. The first page starts at the end of the stream.
pub(super) async fn last_lines(
    caller: &Caller,
    group: &str,
    stream: &str,
    limit: u32,
) -> Result<Vec<String>> {
    let (of, name) = log_group(group);
    let client = caller.connection.logs(GET_EVENTS, stream).await?;
    let mut next: Option<String> = None;
    for _ in 0..EMPTY_PAGES {
        let request = client
            .get_log_events()
            .log_group_name(name)
            .log_stream_name(stream)
            .start_from_head(false)
            .limit(to_count(limit.clamp(1, 10_000)))
            .set_next_token(next.clone())
            .customize()
            .config_override(in_region!(aws_sdk_cloudwatchlogs, of));
        let answer = caller.read(call(GET_EVENTS, stream), request.send()).await;
        let Some(answer) = absent_is_none(answer)? else {
            return Ok(Vec::new());
        };
        let events = answer.events.unwrap_or_default();
        // The same token again is the beginning of the stream.
        let is_first = answer.next_backward_token == next;
        if !events.is_empty() || is_first {
            let lines = events.into_iter().filter_map(|event| event.message);
            return Ok(lines.collect());
        }
        next = answer.next_backward_token;
    }
    Ok(Vec::new())
}
