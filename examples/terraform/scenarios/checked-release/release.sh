#!/usr/bin/env bash
# One release: plan, stop on critical drift, apply exactly the plan that was checked.
#
#   ./release.sh -var image=cases:v2
#
# Ends with 0 when the new version serves, with 3 when drift blocks it (nothing was changed), and with a different code
# when planning or the deployment failed (after a failed deployment the old version serves).
set -euo pipefail

# The plan and its JSON contain secrets: both are deleted when the script ends.
scratch="$(mktemp -d)"
trap 'rm -rf "$scratch"' EXIT

terraform plan -input=false -out="$scratch/plan" "$@"
terraform show -json "$scratch/plan" > "$scratch/plan.json"

code=0
switchyard gate --block-on critical "$scratch/plan.json" || code=$?
case "$code" in
  0 | 2) ;; # no drift, or none that is critical
  *) exit "$code" ;;
esac

terraform apply -input=false "$scratch/plan"

# What AWS has filled in during the release, such as the routes of a new route table, must not look like drift next
# time. Only that is recorded: other drift from that time stays in the plan, and the next release checks it.
terraform plan -input=false -out="$scratch/after" "$@" > /dev/null
terraform show -json "$scratch/after" > "$scratch/after.json"
if switchyard gate "$scratch/after.json"; then
  terraform apply -refresh-only -auto-approve -input=false "$@"
else
  echo "The release is done. Changes made outside Terraform during the release are not recorded; the next release checks them." >&2
fi
