#!/usr/bin/env bash
# The last step of a pipeline: deploys the image that it has built, and changes nothing else of the service.
#
#   ./deploy.sh REPOSITORY@sha256:DIGEST
#
# Ends with 0 when the image serves. Otherwise the image from before serves, and deployment.json says why.
set -euo pipefail

image="$1"
terraform apply -input=false -auto-approve -var "image=$image"

# Whoever applies without naming an image, such as somebody who changes the network, means the one that serves. Keep the
# file with the configuration.
printf 'image = "%s"\n' "$image" > image.auto.tfvars
