//! Tags of everything that ECS has.

use std::collections::{BTreeMap, BTreeSet};

use switchyard_engine::ports::Result;

use crate::call::{Call, Caller};
use crate::convert::services as to;
use crate::throttle::Class;

const TAG: &str = "ecs:TagResource";
const UNTAG: &str = "ecs:UntagResource";

/// Adds tags, or changes their values.
pub(super) async fn set(caller: &Caller, arn: &str, set: &BTreeMap<String, String>) -> Result<()> {
    let call = Call {
        operation: TAG,
        target: arn,
        class: Some(Class::TagsWrite),
    };
    let client = caller.connection.ecs(TAG, arn).await?;
    let request = client
        .tag_resource()
        .resource_arn(arn)
        .set_tags(Some(to::to_tags(set)));
    caller.write(call, request.send()).await?;
    Ok(())
}

/// Takes tags away.
pub(super) async fn remove(caller: &Caller, arn: &str, remove: &BTreeSet<String>) -> Result<()> {
    let call = Call {
        operation: UNTAG,
        target: arn,
        class: Some(Class::TagsWrite),
    };
    let client = caller.connection.ecs(UNTAG, arn).await?;
    let keys = remove.iter().cloned().collect();
    caller
        .write(
            call,
            client
                .untag_resource()
                .resource_arn(arn)
                .set_tag_keys(Some(keys))
                .send(),
        )
        .await?;
    Ok(())
}
