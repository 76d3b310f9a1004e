//! With Service Connect, registries, volumes, VPC Lattice.

use serde_json::{Value as Json, json};

use super::{Animal, NAMESPACE, REGISTRY, ROLE, animal, connect, group, unmanaged, volume};
use crate::account::Account;

pub(super) fn with_parts() -> Vec<Animal> {
    let with_volume = json!({
        "volumes": [{ "name": "data", "configuredAtLaunch": true }],
    });
    let volumed = |name, service: fn(&Account) -> Json| Animal {
        definition: with_volume.clone(),
        ..animal(name, service)
    };
    vec![
        animal("mesh server", |account| {
            let mut input = connect(json!({
                "portName": "http", "discoveryName": "ant", "ingressPortOverride": 9001,
                "clientAliases": [{ "port": 80, "dnsName": "ant.zoo" }],
                "timeout": { "idleTimeoutSeconds": 60, "perRequestTimeoutSeconds": 10 },
            }));
            input["loadBalancers"] = json!([group(&account.blue)]);
            input["serviceConnectConfiguration"]["logConfiguration"] = json!({
                "logDriver": "awslogs", "options": { "awslogs-group": "/zoo", "awslogs-region": "eu-west-1" },
            });
            input
        }),
        animal(
            "mesh client",
            |_| json!({ "serviceConnectConfiguration": { "enabled": true, "namespace": NAMESPACE } }),
        ),
        animal("mesh with TLS", |_| {
            let mut input = connect(json!({
                "portName": "http", "clientAliases": [{ "port": 443 }],
                "tls": {
                    "issuerCertificateAuthority": { "awsPcaAuthorityArn": "arn:aws:acm-pca:eu-west-1:123456789012:certificate-authority/a" },
                    "roleArn": ROLE, "kmsKey": "arn:aws:kms:eu-west-1:123456789012:key/a",
                },
            }));
            let connect = &mut input["serviceConnectConfiguration"];
            connect["accessLogConfiguration"] =
                json!({ "format": "JSON", "includeQueryParameters": "ENABLED" });
            connect["logConfiguration"] = json!({
                "logDriver": "splunk", "options": { "splunk-url": "https://splunk.zoo" },
                "secretOptions": [{ "name": "splunk-token", "valueFrom": "arn:aws:ssm:eu-west-1:123456789012:parameter/token" }],
            });
            input
        }),
        unmanaged(animal("mesh with a sized proxy", |_| {
            json!({ "serviceConnectConfiguration": {
                "enabled": true, "namespace": NAMESPACE, "containerConfigurations": [{ "cpu": 256 }],
            } })
        })),
        animal(
            "mesh switched off",
            |_| json!({ "serviceConnectConfiguration": { "enabled": false } }),
        ),
        animal(
            "registry",
            |_| json!({ "serviceRegistries": [{ "registryArn": REGISTRY }] }),
        ),
        animal(
            "registry with a port",
            |_| json!({ "serviceRegistries": [{ "registryArn": REGISTRY, "containerName": "app", "containerPort": 8080 }] }),
        ),
        volumed("volume", |_| {
            volume(json!({ "volumeType": "gp3", "filesystemType": "xfs", "encrypted": true }))
        }),
        volumed("volume with everything", |_| {
            volume(json!({
                "volumeType": "gp3", "iops": 3000, "throughput": 125, "kmsKeyId": "arn:aws:kms:eu-west-1:123456789012:key/a",
                "snapshotId": "snap-1", "volumeInitializationRate": 200, "encrypted": true,
                "tagSpecifications": [{ "resourceType": "volume", "propagateTags": "SERVICE", "tags": [{ "key": "a", "value": "b" }] }],
            }))
        }),
        animal("lattice", |_| {
            json!({ "vpcLatticeConfigurations": [{
                "roleArn": ROLE, "portName": "http",
                "targetGroupArn": "arn:aws:vpc-lattice:eu-west-1:123456789012:targetgroup/tg-00000000000000001",
            }] })
        }),
    ]
}
