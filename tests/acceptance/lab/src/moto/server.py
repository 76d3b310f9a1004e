# Serves moto on a free loopback port, says the port in one line, and ends when standard input closes: the operating
# system closes the pipe however the parent ends, so moto never outlives it.
import os
import sys
import threading


def end_with_parent():
    while os.read(0, 4096):
        pass
    os._exit(0)


threading.Thread(target=end_with_parent, daemon=True).start()

import importlib
import json
import logging
import time
import uuid

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
from werkzeug.exceptions import HTTPException
from werkzeug.serving import make_server


# --- What AWS does and moto lacks ---


def kept(backend, kind):
    """Objects of one kind that a backend of moto keeps for us."""
    return backend.__dict__.setdefault(f"kept_{kind}", {})


class Queries:
    """Saved queries of CloudWatch Logs Insights."""

    def put_query_definition(self):
        identity = self._get_param("queryDefinitionId") or str(uuid.uuid4())
        kept(self.logs_backend, "queries")[identity] = {
            "queryDefinitionId": identity,
            "name": self._get_param("name"),
            "queryString": self._get_param("queryString"),
            "logGroupNames": self._get_param("logGroupNames") or [],
            "lastModified": int(time.time() * 1000),
        }
        return json.dumps({"queryDefinitionId": identity})

    def describe_query_definitions(self):
        prefix = self._get_param("queryDefinitionNamePrefix") or ""
        found = kept(self.logs_backend, "queries").values()
        return json.dumps({"queryDefinitions": [query for query in found if query["name"].startswith(prefix)]})

    def delete_query_definition(self):
        gone = kept(self.logs_backend, "queries").pop(self._get_param("queryDefinitionId"), None)
        return json.dumps({"success": gone is not None})


class Selections:
    """What a plan of AWS Backup backs up."""

    def create_backup_selection(self):
        given = json.loads(self.body)
        identity = str(uuid.uuid4())
        made = {
            "SelectionId": identity,
            "BackupPlanId": self.path.split("/")[3],
            "CreationDate": time.time(),
            "BackupSelection": given["BackupSelection"],
        }
        kept(self.backup_backend, "selections")[identity] = made
        return json.dumps(made)

    def get_backup_selection(self):
        found = kept(self.backup_backend, "selections").get(self.path.split("/")[5])
        if found is None:
            return 400, {"x-amzn-ErrorType": "ResourceNotFoundException"}, json.dumps({"Message": "Cannot find the selection"})
        return json.dumps(found)

    def delete_backup_selection(self):
        kept(self.backup_backend, "selections").pop(self.path.split("/")[5], None)
        return "{}"


ADDED = {"backup": ("BackupResponse", Selections), "logs": ("LogsResponse", Queries)}


def complete(service):
    """Adds what is above to a service that is used: loading moto's code for one takes a while."""
    if service in ADDED:
        name, added = ADDED[service]
        response = getattr(importlib.import_module(f"moto.{service}.responses"), name)
        for method, does in vars(added).items():
            if not method.startswith("_"):
                setattr(response, method, does)


# --- The server ---


def backend(service):
    """moto's application for one service, whose failures say in one line what failed."""
    app = create_backend_app(service)
    complete(service)

    @app.errorhandler(Exception)
    def failed(error):
        if isinstance(error, HTTPException):
            return error
        return f"{type(error).__name__}: {error}"[:400], 500

    return app


logging.getLogger("werkzeug").setLevel(logging.CRITICAL)
server = make_server(
    "127.0.0.1", 0, DomainDispatcherApplication(backend), threaded=True, request_handler=MotoRequestHandler
)
print(server.server_address[1], flush=True)
os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
sys.stdout = open(os.devnull, "w")
server.serve_forever()
