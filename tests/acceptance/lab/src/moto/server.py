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
import re
import time
import urllib.parse
import uuid

from moto.core.responses import ActionResult
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
from werkzeug.exceptions import HTTPException
from werkzeug.serving import make_server


# --- What AWS does and moto lacks ---


def kept(backend, kind):
    """Objects of one kind that a backend of moto keeps for us."""
    return backend.__dict__.setdefault(f"kept_{kind}", {})


def answer(members):
    """An answer in the protocol of the service."""
    return ActionResult(members)


def refused(code, message):
    """An error of ElastiCache: moto knows the protocol by the module of the exception."""
    return importlib.import_module("moto.elasticache.exceptions").ElastiCacheException(code, message)


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


class Vaults:
    """Which topic hears of the events of a vault of AWS Backup, its recovery points, and the tags of vaults and plans."""

    def list_recovery_points_by_backup_vault(self):
        # Nothing is backed up here.
        return json.dumps({"RecoveryPoints": []})

    def list_tags(self):
        arn = urllib.parse.unquote(self.path.split("/tags/", 1)[1]).rstrip("/")
        return json.dumps({"Tags": self.backup_backend.list_tags(arn)})

    def put_backup_vault_notifications(self):
        vault = self.path.split("/")[2]
        kept(self.backup_backend, "notifications")[vault] = {
            "BackupVaultName": vault,
            "BackupVaultArn": f"arn:aws:backup:{self.region}:{self.current_account}:backup-vault:{vault}",
            **json.loads(self.body),
        }
        return "{}"

    def get_backup_vault_notifications(self):
        found = kept(self.backup_backend, "notifications").get(self.path.split("/")[2])
        if found is None:
            return 400, {"x-amzn-ErrorType": "ResourceNotFoundException"}, json.dumps({"Message": "Cannot find the notifications"})
        return json.dumps(found)

    def delete_backup_vault_notifications(self):
        kept(self.backup_backend, "notifications").pop(self.path.split("/")[2], None)
        return "{}"


class Caches:
    """Parameter groups, groups of users, and the nodes of a replication group, of ElastiCache."""

    def create_cache_parameter_group(self):
        name = self._get_param("CacheParameterGroupName")
        made = {
            "CacheParameterGroupName": name,
            "CacheParameterGroupFamily": self._get_param("CacheParameterGroupFamily"),
            "Description": self._get_param("Description"),
            "IsGlobal": False,
            "ARN": arn_of_cache(self, "parametergroup", name),
            "parameters": {},
        }
        kept(self.elasticache_backend, "parameter_groups")[name] = made
        self.elasticache_backend.tagging_service.tag_resource(made["ARN"], self._get_param("Tags", []))
        return answer({"CacheParameterGroup": made})

    def describe_cache_parameter_groups(self):
        found = named(self, "parameter_groups", "CacheParameterGroupName", "CacheParameterGroupNotFoundFault")
        return answer({"CacheParameterGroups": found})

    def modify_cache_parameter_group(self):
        [group] = named(self, "parameter_groups", "CacheParameterGroupName", "CacheParameterGroupNotFoundFault")
        for parameter in self._get_param("ParameterNameValues", []):
            group["parameters"][parameter["ParameterName"]] = parameter["ParameterValue"]
        return answer({"CacheParameterGroupName": group["CacheParameterGroupName"]})

    def reset_cache_parameter_group(self):
        [group] = named(self, "parameter_groups", "CacheParameterGroupName", "CacheParameterGroupNotFoundFault")
        for parameter in self._get_param("ParameterNameValues", []):
            group["parameters"].pop(parameter["ParameterName"], None)
        return answer({"CacheParameterGroupName": group["CacheParameterGroupName"]})

    def describe_cache_parameters(self):
        [group] = named(self, "parameter_groups", "CacheParameterGroupName", "CacheParameterGroupNotFoundFault")
        written = group["parameters"].items()
        return answer({"Parameters": [{"ParameterName": name, "ParameterValue": value, "Source": "user"} for name, value in written]})

    def delete_cache_parameter_group(self):
        [group] = named(self, "parameter_groups", "CacheParameterGroupName", "CacheParameterGroupNotFoundFault")
        kept(self.elasticache_backend, "parameter_groups").pop(group["CacheParameterGroupName"])
        return answer({})

    def create_user_group(self):
        name = self._get_param("UserGroupId")
        made = {
            "UserGroupId": name,
            "Status": "active",
            "Engine": self._get_param("Engine"),
            "UserIds": self._get_param("UserIds", []),
            "MinimumEngineVersion": "7.2",
            "ARN": arn_of_cache(self, "usergroup", name),
        }
        kept(self.elasticache_backend, "user_groups")[name] = made
        self.elasticache_backend.tagging_service.tag_resource(made["ARN"], self._get_param("Tags", []))
        return answer(made)

    def describe_user_groups(self):
        return answer({"UserGroups": named(self, "user_groups", "UserGroupId", "UserGroupNotFoundFault")})

    def modify_user_group(self):
        [group] = named(self, "user_groups", "UserGroupId", "UserGroupNotFoundFault")
        gone = self._get_param("UserIdsToRemove", [])
        group["UserIds"] = [user for user in group["UserIds"] if user not in gone] + self._get_param("UserIdsToAdd", [])
        return answer(group)

    def delete_user_group(self):
        [group] = named(self, "user_groups", "UserGroupId", "UserGroupNotFoundFault")
        kept(self.elasticache_backend, "user_groups").pop(group["UserGroupId"])
        return answer({**group, "Status": "deleting"})

    def delete_cache_subnet_group(self):
        name = self._get_param("CacheSubnetGroupName")
        if self.elasticache_backend.cache_subnet_groups.pop(name, None) is None:
            raise refused("CacheSubnetGroupNotFoundFault", f"The subnet group {name} is not there.")
        return answer({})

    def delete_replication_group(self):
        name = self._get_param("ReplicationGroupId")
        gone = self.elasticache_backend.delete_replication_group(name, None)
        self.elasticache_backend.replication_groups.pop(name)
        return answer({"ReplicationGroup": gone})

    def describe_cache_clusters(self):
        asked = self._get_param("CacheClusterId")
        nodes = [
            node_of_cache(group, node)
            for group in self.elasticache_backend.replication_groups.values()
            for node in group.member_clusters
        ]
        if asked is None:
            return answer({"CacheClusters": [*self.elasticache_backend.cache_clusters.values(), *nodes]})
        found = [node for node in nodes if node["CacheClusterId"] == asked]
        return answer({"CacheClusters": found or self.elasticache_backend.describe_cache_clusters(asked)})


def arn_of_cache(response, kind, name):
    return f"arn:aws:elasticache:{response.region}:{response.current_account}:{kind}:{name}"


def named(response, kind, parameter, missing):
    """All that is kept of a kind, or the one that the call names."""
    found, name = kept(response.elasticache_backend, kind), response._get_param(parameter)
    if name is not None and name not in found:
        raise refused(missing, f"{parameter} {name} is not there.")
    return list(found.values()) if name is None else [found[name]]


def node_of_cache(group, node):
    return {
        "CacheClusterId": node,
        "ReplicationGroupId": group.replication_group_id,
        "CacheClusterStatus": "available",
        "CacheNodeType": group.cache_node_type,
        "Engine": group.engine,
        "EngineVersion": whole_version(group.engine_version),
        "NumCacheNodes": 1,
        "CacheParameterGroup": {"CacheParameterGroupName": group.cache_parameter_group_name},
        "CacheSubnetGroupName": group.cache_subnet_group_name,
        "SecurityGroups": [{"SecurityGroupId": given, "Status": "active"} for given in group.security_group_ids or []],
        "PreferredMaintenanceWindow": group.preferred_maintenance_window,
        "SnapshotRetentionLimit": group.snapshot_retention_limit,
        "SnapshotWindow": group.snapshot_window,
        "AutoMinorVersionUpgrade": group.auto_minor_version_upgrade,
        "AtRestEncryptionEnabled": group.at_rest_encryption_enabled,
        "TransitEncryptionEnabled": group.transit_encryption_enabled,
        "TransitEncryptionMode": group.transit_encryption_mode,
        "AuthTokenEnabled": group.auth_token_enabled,
        "NetworkType": group.network_type,
        "IpDiscovery": group.ip_discovery,
        "ARN": group.arn.replace(":replicationgroup:", ":cluster:") + node.removeprefix(group.replication_group_id),
    }


def whole_version(version):
    """AWS names the third part, too."""
    parts = (version or "").split(".")
    return ".".join(parts + ["0"] * (3 - len(parts)))


def replicas(cls):
    """A replication group has the number of nodes that is asked for, and several shards mean cluster mode."""
    first = cls.__init__

    def started(self, *positional, **given):
        if given.get("num_node_groups") and given["num_node_groups"] > 1:
            given["cluster_mode"] = "enabled"
        elif given.get("num_cache_clusters"):
            given["replicas_per_node_group"] = given["num_cache_clusters"] - 1
        first(self, *positional, **given)

    cls.__init__ = started


def instances(cls):
    """An instance of RDS has a resource id of its own, by which it is read, and keeps how it is watched."""
    first = cls.__init__

    def started(self, *positional, **given):
        first(self, *positional, **given)
        self.performance_insights_enabled = given.get("enable_performance_insights") or False
        self.performance_insights_kms_key_id = given.get("performance_insights_kms_key_id")

    def resource_id(self):
        return self.__dict__.setdefault("own_resource_id", "db-" + uuid.uuid4().hex[:26].upper())

    cls.__init__ = started
    # What moto gives to all of them is not taken.
    cls.dbi_resource_id = property(resource_id, lambda self, given: None)


def clusters(cls):
    """A cluster of Aurora says how it scales only if it was told."""
    first = cls.scaling_configuration_info.fget
    cls.scaling_configuration_info = property(lambda self: first(self) if self.scaling_configuration else None)


def tagged(cls):
    """Every kind of object of ElastiCache has tags."""
    first = cls.__init__

    def started(self, *positional, **given):
        first(self, *positional, **given)
        self.arn_regex = re.compile("^arn:aws:elasticache:.*:[0-9]*:[a-z]+:.*$")

    cls.__init__ = started


def by_user(method):
    """Parameters that were written say so, and are read only if they do."""

    def change(cls):
        first = getattr(cls, method)

        def update(self, parameters):
            first(self, [{**parameter, "Source": "user"} for parameter in parameters])

        setattr(cls, method, update)

    return change


def managed_rotation(cls):
    """A secret of RDS rotates without a function, which can be turned off, too."""
    first = cls.cancel_rotate_secret

    def cancel(self, secret_id):
        secret = self.secrets[secret_id] if self._is_valid_identifier(secret_id) else None
        if secret is None or not secret.name.startswith("rds!"):
            return first(self, secret_id)
        secret.rotation_enabled = False
        return secret.to_short_dict()

    cls.cancel_rotate_secret = cancel


def after(does):
    """Completes an object of moto with what its settings say and moto drops."""

    def change(cls):
        first = cls.__init__

        def started(self, settings):
            first(self, settings)
            does(self, settings)

        cls.__init__ = started

    return change


def origin(made, settings):
    """An origin of a distribution says which access control it has."""
    made.origin_access_control_id = settings.get("OriginAccessControlId", "")


def behavior(made, settings):
    """A cache policy takes the place of forwarded values."""
    if "ForwardedValues" not in settings:
        made.forwarded_values = None


def certificate(made, settings):
    """Clients without SNI are a matter of certificates of one's own."""
    if not settings.get("SSLSupportMethod"):
        made.ssl_support_method = None


# By service: classes of moto by their module, and what is added to them.
ADDED = {
    "backup": [("responses", "BackupResponse", Vaults), ("responses", "BackupResponse", Selections)],
    "cloudfront": [
        ("models", "DefaultCacheBehaviour", after(behavior)),
        ("models", "Origin", after(origin)),
        ("models", "ViewerCertificate", after(certificate)),
    ],
    "elasticache": [
        ("models", "ElastiCacheBackend", tagged),
        ("models", "ReplicationGroup", replicas),
        ("responses", "ElastiCacheResponse", Caches),
    ],
    "logs": [("responses", "LogsResponse", Queries)],
    "rds": [
        ("models", "DBCluster", clusters),
        ("models", "DBInstance", instances),
        ("models", "DBParameterGroup", by_user("update_parameters")),
        ("models", "DBClusterParameterGroup", by_user("update_cluster_parameters")),
    ],
    "secretsmanager": [("models", "SecretsManagerBackend", managed_rotation)],
}


# By service: the class that answers at paths at which moto does not listen.
PATHS = {
    "backup": (
        "BackupResponse",
        [
            "{0}/backup-vaults/(?P<name>[^/]+)/notification-configuration$",
            "{0}/backup-vaults/(?P<name>[^/]+)/recovery-points/$",
        ],
    ),
}


def complete(service):
    """Adds what is above to a service that is used: loading moto's code for one takes a while."""
    if service in PATHS:
        name, paths = PATHS[service]
        answers = getattr(importlib.import_module(f"moto.{service}.responses"), name).dispatch
        importlib.import_module(f"moto.{service}.urls").url_paths.update(dict.fromkeys(paths, answers))
    for module, name, added in ADDED.get(service, []):
        of_moto = getattr(importlib.import_module(f"moto.{service}.{module}"), name)
        if not isinstance(added, type):
            added(of_moto)
            continue
        for method, does in vars(added).items():
            if not method.startswith("_"):
                setattr(of_moto, method, does)


# --- The server ---


def backend(service):
    """moto's application for one service, whose failures say in one line what failed."""
    complete(service)
    app = create_backend_app(service)

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
