# Makes calls to AWS, or to whatever stands in for it, for a parent that speaks JSON: one call a line on standard input,
# one answer a line on standard output. Ends when standard input closes. Where the calls go and who makes them is
# boto3's business: AWS_ENDPOINT_URL, AWS_REGION, AWS_PROFILE and the rest of the environment.
import base64
import datetime
import json
import os
import sys
import urllib.error
import urllib.request

import boto3
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

ENDPOINT = os.environ.get("AWS_ENDPOINT_URL")
REGION = os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION")
SETTINGS = Config(
    connect_timeout=5,
    read_timeout=60,
    retries={"total_max_attempts": 2},
    s3={"addressing_style": "path"} if ENDPOINT else {},
)
session = boto3.session.Session(region_name=REGION)
clients = {}


def client(service):
    if service not in clients:
        clients[service] = session.client(service, config=SETTINGS)
    return clients[service]


def plain(value):
    if isinstance(value, datetime.datetime):
        return value.timestamp()
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    return value.read().decode() if hasattr(value, "read") else str(value)


def call(service, operation, input):
    try:
        answer = client(service)._make_api_call(operation, input)
    except ClientError as error:
        said = error.response.get("Error", {})
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        return refused(said.get("Code", ""), said.get("Message", ""), status)
    except BotoCoreError as error:
        # No answer, or one that is not AWS's.
        return refused(type(error).__name__, str(error), 0)
    answer.pop("ResponseMetadata", None)
    return {"answer": answer}


def refused(code, message, status):
    return {"code": str(code), "message": str(message)[:400], "status": status}


def fetch(request):
    """Status and body of a request, whatever the status."""
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return {"answer": {"status": answer.status, "body": answer.read().decode(errors="replace")}}
    except urllib.error.HTTPError as error:
        return {"answer": {"status": error.code, "body": error.read(400).decode(errors="replace")}}
    except OSError as error:
        return refused("Unreachable", str(getattr(error, "reason", error)), 0)


def metrics_in_cbor():
    """DescribeAlarms as the AWS SDK for Rust asks it: Smithy RPC v2 in CBOR, with an empty map as its input."""
    url = client("cloudwatch").meta.endpoint_url.rstrip("/")
    headers = {"smithy-protocol": "rpc-v2-cbor", "content-type": "application/cbor", "accept": "application/cbor"}
    request = AWSRequest(
        method="POST",
        url=f"{url}/service/GraniteServiceVersion20100801/operation/DescribeAlarms",
        data=b"\xa0",
        headers=headers,
    )
    SigV4Auth(session.get_credentials().get_frozen_credentials(), "monitoring", REGION).add_auth(request)
    return fetch(urllib.request.Request(request.url, request.data, dict(request.headers), method="POST"))


def answer(request):
    try:
        if "get" in request:
            return fetch(ENDPOINT.rstrip("/") + request["get"])
        if "metrics" in request:
            return metrics_in_cbor()
        return call(request["service"], request["operation"], request["input"])
    except Exception as error:  # a bug here must not look like an answer, nor end the suite without a word
        return refused(type(error).__name__, str(error), 0)


for line in sys.stdin:
    print(json.dumps(answer(json.loads(line)), default=plain), flush=True)
