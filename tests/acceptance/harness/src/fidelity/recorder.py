# Stands between whoever calls AWS and an endpoint, and writes down what was asked and what was answered: one JSON object a
# line, in the file of the first argument. The second argument is the endpoint's URL, or `aws`. Says its port in one line, and
# ends when standard input closes.
#
# An endpoint gets each request as it came. AWS checks who signed what for which host, so there the request is signed again,
# with the credentials that AWS's own tools would use, if it came with the key of this run: nobody else on the machine may
# have his requests signed. Of a request and its answer only the bodies are written, and of STS
# only who the caller is: nothing else in them is worth comparing, and keys may be.
import base64
import http.client
import http.server
import json
import os
import re
import sys
import threading
import time
import urllib.parse

import botocore.session
from botocore import parsers
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest

FILE, UPSTREAM = sys.argv[1:3]
KEY = os.environ.pop("SWITCHYARD_RECORDER_KEY")
# Signing names of services whose models are called otherwise.
MODELS = {"monitoring": "cloudwatch", "elasticloadbalancing": "elbv2", "servicequotas": "service-quotas"}
SCOPE = re.compile(r"Credential=([^/]+)/\d+/([^/]+)/([^/]+)/aws4_request")
ONE_CONNECTION = {"connection", "keep-alive", "transfer-encoding", "content-length", "te", "upgrade", "proxy-connection"}
session = botocore.session.get_session()
models, addresses = {}, {}
lock, began = threading.Lock(), time.monotonic()
written = open(FILE, "w", encoding="utf-8")


def model(service):
    with lock:
        if service not in models:
            try:
                models[service] = session.get_service_model(MODELS.get(service, service))
            except Exception:  # a service that is not written down well is passed on all the same
                models[service] = None
        return models[service]


def address(service, region):
    """Where AWS answers for a service."""
    with lock:
        if (service, region) not in addresses:
            client = session.create_client(MODELS.get(service, service), region_name=region)
            addresses[service, region] = client.meta.endpoint_url
        return addresses[service, region]


def operation_of(headers, path, body):
    target = headers.get("x-amz-target")
    if target:
        return target.rsplit(".", 1)[-1]
    if "/operation/" in path:
        return path.rsplit("/", 1)[-1]
    if "form-urlencoded" in (headers.get("content-type") or ""):
        return dict(urllib.parse.parse_qsl(body.decode(errors="replace"))).get("Action", "")
    return ""


def asked(headers, body):
    """The members of a request."""
    kind = headers.get("content-type") or ""
    if "cbor" in kind:
        parser = parsers.RpcV2CBORParser()
        return plain(parser.parse_data_item(parser.get_peekable_stream_from_bytes(body))) if body else {}
    if "form-urlencoded" in kind:
        pairs = urllib.parse.parse_qsl(body.decode(errors="replace"), keep_blank_values=True)
        return {name: value for name, value in pairs if name not in ("Action", "Version")}
    return json.loads(body or b"{}")


def answered(service, operation, status, headers, body):
    """The members of an answer: JSON as it is, others by AWS's model."""
    if not body:
        return {}
    if "json" in (headers.get("content-type") or ""):
        return json.loads(body)
    known = model(service)
    is_cbor = "cbor" in (headers.get("content-type") or "")
    parser = parsers.RpcV2CBORParser() if is_cbor else parsers.create_parser(known.metadata["protocol"])
    shape = known.operation_model(operation).output_shape
    response = {"status_code": status, "headers": headers, "body": body, "context": {"operation_name": operation}}
    found = parser.parse(response, shape)
    found.pop("ResponseMetadata", None)
    return plain(found)


def plain(value):
    if isinstance(value, dict):
        return {str(name): plain(one) for name, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(one) for one in value]
    if hasattr(value, "timestamp"):
        return value.timestamp()
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    return value


def write(service, path, headers, body, status, answer_headers, answer, started):
    operation = operation_of(headers, path, body)
    if service in ("", "sts") and operation != "GetCallerIdentity":
        return
    line = {"service": service, "operation": operation, "at": round(started - began, 3), "status": status}
    try:
        line["input"] = asked(headers, body)
        line["answer"] = answered(service, operation, status, answer_headers, answer)
    except Exception as error:  # what cannot be read is said in its place, and never stops a call
        line["unread"] = f"{type(error).__name__}: {error}"
    # An answer that is no JSON is read by adapters as it came.
    if "xml" in (answer_headers.get("content-type") or ""):
        line["text"] = answer.decode(errors="replace")
    with lock:
        written.write(json.dumps(line) + "\n")
        written.flush()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *arguments):
        pass

    def handle_any(self):
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        scope = SCOPE.search(self.headers.get("authorization") or "")
        key, region, service = scope.groups() if scope else ("", "", "")
        if key != KEY and UPSTREAM == "aws":
            return self.answer(404, {}, b"")
        started = time.monotonic()
        headers = {name.lower(): value for name, value in self.headers.items() if name.lower() not in ONE_CONNECTION}
        try:
            status, answer_headers, answer = self.pass_on(region, service, headers, body)
        except OSError as error:
            # No answer is no answer.
            self.close_connection = True
            sys.stderr.write(f"{service}: {error}\n")
            return None
        write(service, self.path, headers, body, status, answer_headers, answer, started)
        return self.answer(status, answer_headers, answer)

    def pass_on(self, region, service, headers, body):
        base = address(service, region) if UPSTREAM == "aws" else UPSTREAM
        place = urllib.parse.urlsplit(base)
        if UPSTREAM == "aws":
            again = {name: headers[name] for name in headers if not name.startswith(("authorization", "x-amz-date", "host", "x-amz-security"))}
            request = AWSRequest(method=self.command, url=base.rstrip("/") + self.path, data=body, headers=again)
            SigV4Auth(session.get_credentials().get_frozen_credentials(), service, region).add_auth(request)
            headers = dict(request.headers.items())
        kind = http.client.HTTPSConnection if place.scheme == "https" else http.client.HTTPConnection
        connection = kind(place.hostname, place.port, timeout=120)
        try:
            connection.request(self.command, self.path, body=body or None, headers=headers)
            found = connection.getresponse()
            return found.status, {name.lower(): value for name, value in found.getheaders()}, found.read()
        finally:
            connection.close()

    def answer(self, status, headers, body):
        self.send_response_only(status)
        for name, value in headers.items():
            if name not in ONE_CONNECTION:
                self.send_header(name, value)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = handle_any


def end_with_parent():
    while os.read(0, 4096):
        pass
    os._exit(0)


class Server(http.server.ThreadingHTTPServer):
    request_queue_size = 128
    daemon_threads = True


server = Server(("127.0.0.1", 0), Handler)
print(server.server_address[1], flush=True)
threading.Thread(target=end_with_parent, daemon=True).start()
server.serve_forever()
