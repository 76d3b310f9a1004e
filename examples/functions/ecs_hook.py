"""A life-cycle hook of ECS: decides whether a deployment may go on.

ECS calls it at a stage of the deployment, and again every 30 seconds for as long as it returns `IN_PROGRESS`.

Runtime: Python 3.12 or newer, handler `ecs_hook.handler`, timeout 60 seconds.
Environment: `CHECK_URL`, such as that of the test listener.
Role: access to the VPC if the URL lies in it.
"""

import os
import urllib.error
import urllib.request

ROUNDS = 5
SECONDS = 5


def handler(_event, _context):
    good = all(answers() for _ in range(ROUNDS))
    return {"hookStatus": "SUCCEEDED" if good else "FAILED"}


def answers():
    try:
        with urllib.request.urlopen(os.environ["CHECK_URL"], timeout=SECONDS) as response:
            return response.status == 200
    except (urllib.error.URLError, TimeoutError) as problem:
        print(f"{os.environ['CHECK_URL']}: {problem}")
        return False
