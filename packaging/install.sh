#!/bin/sh
# Installs what `make dist` packed: the provider where Terraform looks for local plugins, and the commands `switchyard`
# and `switchyard-lab`.
#
#   packaging/install.sh [FOLDER]        FOLDER holds the archives; default: dist, or the folder of this script
#
# SWITCHYARD_PLUGINS   plugin folder     default: ~/.terraform.d/plugins
# SWITCHYARD_BIN       program folder    default: ~/.local/bin
# TERRAFORM            command line      default: terraform, else tofu
set -eu

fail() {
  echo "$*" >&2
  exit 1
}

folder=${1:-}
if [ -z "$folder" ]; then
  folder=dist
  [ -d "$folder" ] || folder=$(dirname "$0")
fi
sums=$(ls "$folder"/terraform-provider-switchyard_*_SHA256SUMS 2>/dev/null | tail -n 1)
[ -n "$sums" ] || fail "$folder holds no archives of switchyard: run \`make dist\` first, or name the folder that holds them."
version=$(basename "$sums" | sed 's/^terraform-provider-switchyard_\(.*\)_SHA256SUMS$/\1/')

case $(uname -s) in
  Linux) system=linux ;;
  Darwin) system=darwin ;;
  *) fail "$(uname -s): this script knows Linux and macOS. Unpack the archive of your system by hand." ;;
esac
case $(uname -m) in
  x86_64 | amd64) processor=amd64 ;;
  aarch64 | arm64) processor=arm64 ;;
  *) fail "$(uname -m): there is no build for this processor." ;;
esac
platform=${system}_$processor
provider=terraform-provider-switchyard_${version}_$platform.zip
tools=switchyard_${version}_$platform.zip

for archive in "$provider" "$tools"; do
  [ -f "$folder/$archive" ] || fail "$folder/$archive does not exist: nothing was packed for $platform."
  wanted=$(sed -n "s/  $archive\$//p" "$sums")
  found=$( (sha256sum "$folder/$archive" 2>/dev/null || shasum -a 256 "$folder/$archive") | cut -d ' ' -f 1)
  [ "$wanted" = "$found" ] || fail "$folder/$archive is not what $sums lists: get it again."
done

# Terraform and OpenTofu keep plugins below the name of their own registry: the command line says which.
terraform=${TERRAFORM:-$(command -v terraform || command -v tofu || true)}
[ -n "$terraform" ] || fail "Neither terraform nor tofu is on PATH: install one of them, or name it in TERRAFORM."
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cat >"$scratch/main.tf" <<'HCL'
terraform {
  required_providers {
    switchyard = { source = "switchyard/switchyard" }
  }
}
HCL
host=$(cd "$scratch" && "$terraform" providers -no-color | sed -n 's|.*provider\[\(.*\)/switchyard/switchyard\].*|\1|p' | head -n 1)
[ -n "$host" ] || fail "$terraform does not say where it keeps plugins (\`$terraform providers\` names no registry)."

plugins=${SWITCHYARD_PLUGINS:-$HOME/.terraform.d/plugins}/$host/switchyard/switchyard
programs=${SWITCHYARD_BIN:-$HOME/.local/bin}
mkdir -p "$plugins" "$programs"
cp "$folder/$provider" "$plugins/$provider"
if command -v unzip >/dev/null; then
  unzip -q -o "$folder/$tools" switchyard switchyard-lab -d "$scratch"
elif command -v python3 >/dev/null; then
  python3 -m zipfile -e "$folder/$tools" "$scratch"
else
  fail "The provider is installed; unpacking $folder/$tools needs unzip or python3."
fi
for program in switchyard switchyard-lab; do
  # Beside it and then over it: a program that runs cannot be written to.
  cp "$scratch/$program" "$programs/.$program.new"
  chmod 755 "$programs/.$program.new"
  mv "$programs/.$program.new" "$programs/$program"
done

echo "provider $version   $plugins/$provider"
echo "switchyard         $programs/switchyard"
echo "switchyard-lab     $programs/switchyard-lab"
case :$PATH: in
  *:"$programs":*) ;;
  *) echo "$programs is not on PATH: add it." ;;
esac
