#!/usr/bin/env bash
# One release: plan, refuse to build on critical drift, apply exactly what was judged.
#
#   ./release.sh -var image=cases:v2
#
# Ends with 0 when the new version serves, with 3 when drift is in the way (nothing was changed), and with another code
# when planning or the deployment failed (after a failed deployment the old version serves).
set -euo pipefail

# The plan and its JSON hold secrets: both go away with the script.
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

# What AWS has filled in meanwhile, such as the routes of a new route table, must not look like drift next time. Only
# that is recorded: drift that came while the release ran stays in the plan, for the next release to judge.
terraform plan -input=false -out="$scratch/after" "$@" > /dev/null
terraform show -json "$scratch/after" > "$scratch/after.json"
if switchyard gate "$scratch/after.json"; then
  terraform apply -refresh-only -auto-approve -input=false "$@"
else
  echo "The release is done. What was changed outside of Terraform meanwhile is not recorded; the next release judges it." >&2
fi
