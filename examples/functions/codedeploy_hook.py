"""A hook of CodeDeploy: decides whether a deployment may go on.

CodeDeploy calls it at an event of the deployment, and waits for up to an hour until it says how the check ended.

Runtime: Python 3.12 or newer, handler `codedeploy_hook.handler`, timeout 60 seconds.
Environment: `CHECK_URL`, such as that of the test listener.
Role: `codedeploy:PutLifecycleEventHookExecutionStatus`, and access to the VPC if the URL lies in it.
"""

import os
import urllib.error
import urllib.request

import boto3

ROUNDS = 5
SECONDS = 5

codedeploy = boto3.client("codedeploy")


def handler(event, _context):
    status = "Succeeded" if all(answers() for _ in range(ROUNDS)) else "Failed"
    codedeploy.put_lifecycle_event_hook_execution_status(
        deploymentId=event["DeploymentId"],
        lifecycleEventHookExecutionId=event["LifecycleEventHookExecutionId"],
        status=status,
    )
    return status


def answers():
    try:
        with urllib.request.urlopen(os.environ["CHECK_URL"], timeout=SECONDS) as response:
            return response.status == 200
    except (urllib.error.URLError, TimeoutError) as problem:
        print(f"{os.environ['CHECK_URL']}: {problem}")
        return False
