# Serves moto on a free loopback port, says the port in one line, and ends when standard input closes: the operating
# system closes the pipe however the parent ends, so moto never outlives it.
#
# moto knows services, task definitions and load balancers, and has no deployments of services. Beside it stands here what
# AWS does and moto lacks: each creation and each update of a rolling service begins a service deployment to a revision of
# its own, which a look at it moves on (PENDING, IN_PROGRESS, SUCCESSFUL); members of a service that moto drops are kept; and
# a task set becomes the primary one also by its short name.
# Everything else is moto's own answer, also where it is none.
import io
import json
import os
import sys
import threading
import time
import uuid


def end_with_parent():
    while os.read(0, 4096):
        pass
    os._exit(0)


threading.Thread(target=end_with_parent, daemon=True).start()

import logging

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
from werkzeug.serving import make_server

PREFIX = "AmazonEC2ContainerServiceV20141113."
KEPT = (
    "deploymentConfiguration",
    "healthCheckGracePeriodSeconds",
    "enableExecuteCommand",
    "enableECSManagedTags",
    "propagateTags",
)
# Another value of these begins a deployment; settings do not.
DEPLOYED = ("taskDefinition", "launchType", "platformVersion", "networkConfiguration", "loadBalancers")
MOVES_ON = {"PENDING": "IN_PROGRESS", "IN_PROGRESS": "SUCCESSFUL"}


class ServiceDeployments:
    def __init__(self, moto):
        self.moto = moto
        self.lock = threading.Lock()
        self.kept = {}
        self.deployments = {}
        self.revisions = {}

    def __call__(self, environ, start_response):
        target = environ.get("HTTP_X_AMZ_TARGET", "")
        answer = getattr(self, target.removeprefix(PREFIX), None) if target.startswith(PREFIX) else None
        if answer is None:
            return self.moto(environ, start_response)
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        # moto is threaded without locks.
        with self.lock:
            status, said = answer(environ, json.loads(body or b"{}"))
        said = json.dumps(said).encode()
        headers = [("Content-Type", "application/x-amz-json-1.1"), ("Content-Length", str(len(said)))]
        start_response(status, headers)
        return [said]

    def of_moto(self, environ, input):
        """What moto answers to the same call with this input."""
        body = json.dumps(input).encode()
        environ = {**environ, "wsgi.input": io.BytesIO(body), "CONTENT_LENGTH": str(len(body))}
        found = []
        chunks = self.moto(environ, lambda status, headers, error=None: found.append(status))
        return found[0], json.loads(b"".join(chunks) or b"{}")

    def CreateService(self, environ, input):
        strategy = input.get("deploymentConfiguration", {}).get("strategy", "ROLLING")
        if strategy != "ROLLING":
            return refused("UnsupportedFeatureException", f"Only rolling deployments are emulated, not {strategy}.")
        status, said = self.of_moto(environ, input)
        if "service" in said:
            self.keep(said["service"], input)
            if said["service"]["deploymentController"]["type"] == "ECS":
                self.deploy(said["service"])
            self.show(said["service"])
        return status, said

    def UpdateService(self, environ, input):
        status, said = self.of_moto(environ, input)
        if "service" in said:
            service = said["service"]
            self.keep(service, input)
            ours = self.deployments.get(service["serviceArn"])
            changes = input.get("forceNewDeployment") or any(member in input for member in DEPLOYED)
            if ours and changes:
                self.deploy(service)
            self.show(service)
        return status, said

    def DescribeServices(self, environ, input):
        status, said = self.of_moto(environ, input)
        for service in said.get("services", []):
            self.show(service)
        return status, said

    def DeleteService(self, environ, input):
        status, said = self.of_moto(environ, input)
        if "service" in said:
            self.deployments.pop(said["service"]["serviceArn"], None)
            self.kept.pop(said["service"]["serviceArn"], None)
        return status, said

    def UpdateServicePrimaryTaskSet(self, environ, input):
        # AWS takes a short name as well, and moto nothing but the ARN.
        _, said = self.described(environ, input)
        sets = [one for service in said.get("services", []) for one in service["taskSets"]]
        arns = [one["taskSetArn"] for one in sets if one["id"] == input["primaryTaskSet"]]
        return self.of_moto(environ, {**input, "primaryTaskSet": (arns + [input["primaryTaskSet"]])[0]})

    def described(self, environ, input):
        """What moto says of the service: it knows by what names one goes."""
        named = {"cluster": input.get("cluster", "default"), "services": [input["service"]]}
        return self.of_moto({**environ, "HTTP_X_AMZ_TARGET": PREFIX + "DescribeServices"}, named)

    def ListServiceDeployments(self, environ, input):
        status, said = self.described(environ, input)
        if not said.get("services"):
            return refused("ServiceNotFoundException", "Service not found.") if "services" in said else (status, said)
        found = self.deployments.get(said["services"][0]["serviceArn"], [])
        wanted = input.get("status")
        listed = [one for one in reversed(found) if not wanted or one["status"] in wanted]
        brief = [
            {
                "serviceDeploymentArn": one["serviceDeploymentArn"],
                "serviceArn": one["serviceArn"],
                "clusterArn": one["clusterArn"],
                "createdAt": one["createdAt"],
                "startedAt": one["startedAt"],
                "targetServiceRevisionArn": one["targetServiceRevision"]["arn"],
                "status": one["status"],
            }
            for one in listed
        ]
        return "200 OK", {"serviceDeployments": brief[: input.get("maxResults", 20)]}

    def DescribeServiceDeployments(self, environ, input):
        every = {one["serviceDeploymentArn"]: one for found in self.deployments.values() for one in found}
        found, failures = [], []
        for arn in input["serviceDeploymentArns"]:
            if arn not in every:
                failures.append({"arn": arn, "reason": "MISSING"})
                continue
            found.append(json.loads(json.dumps(every[arn])))
            move_on(every[arn])
        return "200 OK", {"serviceDeployments": found, "failures": failures}

    def DescribeServiceRevisions(self, environ, input):
        arns = input["serviceRevisionArns"]
        found = [self.revisions[arn] for arn in arns if arn in self.revisions]
        failures = [{"arn": arn, "reason": "MISSING"} for arn in arns if arn not in self.revisions]
        return "200 OK", {"serviceRevisions": found, "failures": failures}

    def keep(self, service, input):
        kept = self.kept.setdefault(service["serviceArn"], {})
        kept.update({member: input[member] for member in KEPT if member in input})

    def show(self, service):
        arn = service["serviceArn"]
        service.update(self.kept.get(arn, {}))
        deployments = self.deployments.get(arn)
        if not deployments or service["status"] != "ACTIVE":
            return
        newest = deployments[-1]
        service["currentServiceDeployment"] = newest["serviceDeploymentArn"]
        is_over = newest["status"] == "SUCCESSFUL"
        sides = [newest["targetServiceRevision"]] + ([] if is_over else newest["sourceServiceRevisions"])
        service["currentServiceRevisions"] = [
            {"arn": side["arn"], "runningTaskCount": side["runningTaskCount"]} for side in sides
        ]
        # A rolling service keeps its tasks while new ones come.
        runs = is_over or newest["sourceServiceRevisions"]
        service["runningCount"] = service["desiredCount"] if runs else 0
        service["pendingCount"] = service["desiredCount"] - service["runningCount"]

    def deploy(self, service):
        now = time.time()
        kind = lambda word: service["serviceArn"].replace(":service/", f":{word}/") + "/" + uuid.uuid4().hex[:19]
        revision = {
            "serviceRevisionArn": kind("service-revision"),
            "serviceArn": service["serviceArn"],
            "clusterArn": service["clusterArn"],
            "taskDefinition": service["taskDefinition"],
            "launchType": service.get("launchType"),
            "platformVersion": service.get("platformVersion") or "LATEST",
            "networkConfiguration": service.get("networkConfiguration"),
            "loadBalancers": service.get("loadBalancers", []),
            "createdAt": now,
        }
        self.revisions[revision["serviceRevisionArn"]] = revision
        before = self.deployments.setdefault(service["serviceArn"], [])
        deployment = {
            "serviceDeploymentArn": kind("service-deployment"),
            "serviceArn": service["serviceArn"],
            "clusterArn": service["clusterArn"],
            "createdAt": now,
            "startedAt": now,
            "status": "PENDING",
            "sourceServiceRevisions": [one["targetServiceRevision"] for one in before[-1:]],
            "targetServiceRevision": {
                "arn": revision["serviceRevisionArn"],
                "requestedTaskCount": service["desiredCount"],
                "runningTaskCount": 0,
                "pendingTaskCount": service["desiredCount"],
            },
            "deploymentConfiguration": self.kept[service["serviceArn"]].get("deploymentConfiguration", {}),
        }
        before.append(deployment)


def move_on(deployment):
    status = MOVES_ON.get(deployment["status"])
    if status is None:
        return
    deployment["status"] = status
    if status == "SUCCESSFUL":
        deployment["finishedAt"] = time.time()
        target = deployment["targetServiceRevision"]
        target["runningTaskCount"], target["pendingTaskCount"] = target["requestedTaskCount"], 0


def refused(code, message):
    return "400 BAD REQUEST", {"__type": code, "message": message}


logging.getLogger("werkzeug").setLevel(logging.CRITICAL)
application = ServiceDeployments(DomainDispatcherApplication(create_backend_app))
server = make_server("127.0.0.1", 0, application, threaded=True, request_handler=MotoRequestHandler)
print(server.server_address[1], flush=True)
os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
sys.stdout = open(os.devnull, "w")
server.serve_forever()
