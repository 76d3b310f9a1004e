#!/usr/bin/env bash
# Starts the provider as Terraform does and asks it something: `terraform validate` of a right and of a wrong
# configuration. Needs no AWS, no lab and no mirror.
#
#   packaging/smoke.sh FOLDER        FOLDER holds the provider, for example target/debug
#
# TERRAFORM            command line      default: terraform
set -euo pipefail

terraform=${TERRAFORM:-terraform}

folder=$(cd "${1:?the folder that holds the provider}" && (pwd -W 2>/dev/null || pwd))
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
cat >terraform.rc <<HCL
provider_installation {
  dev_overrides {
    "switchyard/switchyard" = "$folder"
  }
}
HCL
export TF_CLI_CONFIG_FILE="$work/terraform.rc"
command -v cygpath >/dev/null && TF_CLI_CONFIG_FILE=$(cygpath --mixed "$TF_CLI_CONFIG_FILE")

write() {
  cat >main.tf <<HCL
terraform {
  required_providers {
    switchyard = { source = "switchyard/switchyard" }
  }
}

data "switchyard_deployment_snapshots" "shop" {
  cluster = "shop"
  service = "web"
  $1
}
HCL
}

write 'folder  = "snapshots"'
"$terraform" validate -no-color

write 'folder  = ["not a text"]'
if "$terraform" validate -no-color >said 2>&1; then
  echo "a wrong configuration was found to be right" >&2
  exit 1
fi
grep -q 'folder' said
echo "the provider answers: a right configuration is valid, a wrong one is not"
