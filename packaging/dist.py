#!/usr/bin/env python3
"""Packs built programs as a Terraform registry wants them, with checksums, licences and a bill of materials.

    packaging/dist.py --target x86_64-unknown-linux-gnu --programs target/x86_64-unknown-linux-gnu/release --out dist

Run once per target with the same --out: archives of other targets stay, and the checksums are of all of them. The same
programs give the same bytes: times in archives are those of the last commit, or of SOURCE_DATE_EPOCH.
"""

import argparse
import hashlib
import json
import os
import re
import subprocess
import sys
import time
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PROVIDER = "terraform-provider-switchyard"
TOOLS = ["switchyard", "switchyard-lab"]
PACKAGES = ["switchyard-server", "switchyard-cli", "switchyard-lab"]
# Rust's words for systems and processors, and Go's, which Terraform uses.
SYSTEMS = {"linux": "linux", "darwin": "darwin", "windows": "windows"}
PROCESSORS = {"x86_64": "amd64", "aarch64": "arm64"}
# Of the registry's protocol: https://developer.hashicorp.com/terraform/registry/providers/publishing
MANIFEST = {"version": 1, "metadata": {"protocol_versions": ["6.0"]}}


def main():
    options = arguments()
    out = Path(options.out)
    out.mkdir(parents=True, exist_ok=True)
    version = workspace_version()
    when = commit_time()
    platform, suffix = platform_of(options.target)
    parts = components(options.target)
    licences = third_party(parts)
    common = [("LICENSE", (ROOT / "LICENSE").read_bytes(), 0o644), ("THIRD-PARTY-LICENSES.txt", licences, 0o644)]
    programs = Path(options.programs)

    provider = (f"{PROVIDER}_v{version}{suffix}", read(programs / (PROVIDER + suffix)), 0o755)
    pack(out / f"{PROVIDER}_{version}_{platform}.zip", [provider] + common, when)
    tools = [(name + suffix, read(programs / (name + suffix)), 0o755) for name in TOOLS]
    pack(out / f"switchyard_{version}_{platform}.zip", tools + common, when)
    write_json(out / f"{PROVIDER}_{version}_manifest.json", MANIFEST)
    write_json(out / f"{PROVIDER}_{version}_{platform}_sbom.cdx.json", bill_of_materials(version, parts, when))
    checksums(out, version)
    for file in sorted(out.iterdir()):
        print(f"{file.stat().st_size:>10}  {file.name}")


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--target", required=True, help="the target the programs were built for")
    parser.add_argument("--programs", required=True, help="the folder that holds them")
    parser.add_argument("--out", default="dist", help="the folder that gets the archives")
    return parser.parse_args()


def read(path):
    if not path.is_file():
        sys.exit(f"{path} does not exist: build it first (`make build`).")
    return path.read_bytes()


def workspace_version():
    text = (ROOT / "Cargo.toml").read_text()
    return re.search(r'^version = "([^"]+)"', text, re.MULTILINE).group(1)


def commit_time():
    given = os.environ.get("SOURCE_DATE_EPOCH")
    if given:
        return int(given)
    shown = subprocess.run(["git", "log", "-1", "--format=%ct"], cwd=ROOT, capture_output=True, text=True, check=False)
    # Without a repository (an unpacked source archive): the first moment a zip can hold.
    return int(shown.stdout) if shown.returncode == 0 and shown.stdout.strip() else 315532800


def platform_of(target):
    processor, rest = target.split("-", 1)
    system = next((go for rust, go in SYSTEMS.items() if rust in rest), None)
    if system is None or processor not in PROCESSORS:
        sys.exit(f"{target}: Terraform's name of this platform is not known here.")
    return f"{system}_{PROCESSORS[processor]}", ".exe" if system == "windows" else ""


def pack(path, files, when):
    moment = time.gmtime(max(when, 315532800))[:6]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, data, mode in files:
            entry = zipfile.ZipInfo(name, moment)
            entry.create_system = 3
            entry.external_attr = (0o100000 | mode) << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, data)


def write_json(path, value):
    path.write_text(json.dumps(value, indent=2, sort_keys=True) + "\n")


def checksums(out, version):
    sums = out / f"{PROVIDER}_{version}_SHA256SUMS"
    files = sorted(file for file in out.iterdir() if file != sums and not file.name.startswith(sums.name))
    lines = [f"{hashlib.sha256(file.read_bytes()).hexdigest()}  {file.name}\n" for file in files]
    sums.write_text("".join(lines))


def components(target):
    """Every crate that is linked into a program, by cargo's own resolution."""
    shown = subprocess.run(
        ["cargo", "metadata", "--format-version", "1", "--locked", "--filter-platform", target],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )
    metadata = json.loads(shown.stdout)
    packages = {package["id"]: package for package in metadata["packages"]}
    nodes = {node["id"]: node for node in metadata["resolve"]["nodes"]}
    waiting = [key for key, package in packages.items() if package["name"] in PACKAGES]
    linked = {}
    while waiting:
        key = waiting.pop()
        if key in linked:
            continue
        linked[key] = [dep["pkg"] for dep in nodes[key]["deps"] if any(kind["kind"] is None for kind in dep["dep_kinds"])]
        waiting += linked[key]
    sums = lock_checksums()
    found = [
        {**packages[key], "uses": [reference(packages[dep]) for dep in deps],
         "checksum": sums.get((packages[key]["name"], packages[key]["version"]))}
        for key, deps in linked.items()
    ]
    return sorted(found, key=lambda package: (package["name"], package["version"]))


def lock_checksums():
    pattern = r'name = "([^"]+)"\nversion = "([^"]+)"\nsource = "[^"]+"\nchecksum = "([^"]+)"'
    return {(name, version): sha for name, version, sha in re.findall(pattern, (ROOT / "Cargo.lock").read_text())}


def reference(package):
    return f"pkg:cargo/{package['name']}@{package['version']}"


def foreign(parts):
    return [package for package in parts if package["source"] is not None]


def third_party(parts):
    """Who wrote what is linked in, under which terms; each text once, with those whose it is."""
    texts = {}
    listed = ["This program contains the following packages.", ""]
    for package in foreign(parts):
        name = f"{package['name']} {package['version']}"
        listed.append(f"{name}: {package['license'] or 'see its text below'}")
        folder = Path(package["manifest_path"]).parent
        for file in sorted(folder.iterdir()):
            if re.match(r"(LICEN[CS]E|COPYING|NOTICE|UNLICENSE)", file.name, re.IGNORECASE) and file.is_file():
                texts.setdefault(file.read_text(errors="replace").strip(), []).append(name)
    for text, names in sorted(texts.items(), key=lambda item: item[1]):
        listed += ["", "-" * 80, ", ".join(dict.fromkeys(names)), "", text]
    return ("\n".join(listed) + "\n").encode()


def bill_of_materials(version, parts, when):
    """CycloneDX 1.5, https://cyclonedx.org/docs/1.5/json/"""
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "version": 1,
        "metadata": {
            "timestamp": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(when)),
            "component": {"type": "application", "name": PROVIDER, "version": version, "bom-ref": PROVIDER},
        },
        "components": [component(package) for package in foreign(parts)],
        "dependencies": dependencies(parts),
    }


def component(package):
    described = {
        "type": "library",
        "bom-ref": reference(package),
        "name": package["name"],
        "version": package["version"],
        "purl": reference(package),
    }
    if package["license"]:
        described["licenses"] = [{"expression": package["license"].replace("/", " OR ")}]
    if package["checksum"]:
        described["hashes"] = [{"alg": "SHA-256", "content": package["checksum"]}]
    return described


def dependencies(parts):
    strangers = {reference(package) for package in foreign(parts)}
    ours = {name for package in parts if package["source"] is None for name in package["uses"] if name in strangers}
    graph = [{"ref": PROVIDER, "dependsOn": sorted(ours)}]
    graph += [{"ref": reference(package), "dependsOn": sorted(set(package["uses"]))} for package in foreign(parts)]
    return graph


if __name__ == "__main__":
    main()
