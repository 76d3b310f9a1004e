#!/usr/bin/env python3
"""Puts the files in `changes` into CHANGELOG.md, for a release, and removes them.

    packaging/changelog.py --check
    packaging/changelog.py --version 0.2.0 --date 2026-03-01

A section `## 0.2.0 (unreleased)` at the top is added to, and gets the date; without one, a section is made.
"""

import argparse
import re
import sys
from pathlib import Path

# In the order in which the headings follow each other.
HEADINGS = {
    "breaking": "BREAKING CHANGES",
    "feature": "FEATURES",
    "enhancement": "ENHANCEMENTS",
    "fix": "BUG FIXES",
    "note": "NOTES",
}
NAME = re.compile(r"^[a-z0-9]+(-[a-z0-9]+)*\.(%s)\.md$" % "|".join(HEADINGS))
LONGEST = 120


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--root", type=Path, default=Path(__file__).resolve().parent.parent, help="the repository")
    parser.add_argument("--check", action="store_true", help="only look at the files")
    parser.add_argument("--version", help="the version that is released")
    parser.add_argument("--date", help="its date, YYYY-MM-DD")
    options = parser.parse_args()
    entries = read(options.root / "changes")
    if options.check:
        print(f"{len(entries)} changes")
        return
    if not re.fullmatch(r"\d+\.\d+\.\d+", options.version or "") or not re.fullmatch(
        r"\d{4}-\d{2}-\d{2}", options.date or ""
    ):
        parser.error("--version 0.2.0 and --date 2026-03-01 are needed")
    changelog = options.root / "CHANGELOG.md"
    changelog.write_text(joined(changelog.read_text(), entries, options.version, options.date))
    for path, _, _ in entries:
        path.unlink()
    print(f"{len(entries)} changes are in {changelog.name} now")


def read(folder):
    """Path, kind and text of every entry, by name."""
    entries = []
    for path in sorted(folder.iterdir()):
        if path.name == "README.md":
            continue
        if not NAME.match(path.name):
            sys.exit(f"changes/{path.name}: the name is not <words-with-hyphens>.<{'|'.join(HEADINGS)}>.md")
        text = path.read_text().strip()
        lines = text.splitlines()
        if not text or text.startswith(("-", "*", "#")) or not text.endswith((".", ")", "`")):
            sys.exit(f"changes/{path.name}: whole sentences are wanted, without a bullet or a heading")
        if any(len(line) > LONGEST for line in lines):
            sys.exit(f"changes/{path.name}: a line has more than {LONGEST} characters")
        entries.append((path, path.name.split(".")[1], text))
    return entries


def joined(changelog, entries, version, date):
    title, rest = changelog.split("\n", 1)
    open_section = f"## {version} (unreleased)\n"
    rest = rest.lstrip("\n")
    if rest.startswith(open_section):
        body, old = split_section(rest[len(open_section):])
    else:
        body, old = "", rest
    for kind, heading in HEADINGS.items():
        texts = [text for _, its_kind, text in entries if its_kind == kind]
        if texts:
            body = added(body, heading, "".join(bullet(text) for text in texts))
    return f"{title}\n\n## {version} ({date})\n\n{body.strip()}\n" + (f"\n{old.strip()}\n" if old.strip() else "")


def split_section(text):
    """The rest of the section that `text` is in, and what follows it."""
    parts = re.split(r"^(?=## )", text, maxsplit=1, flags=re.MULTILINE)
    return parts[0], parts[1] if len(parts) > 1 else ""


def bullet(text):
    return "- " + text.replace("\n", "\n  ") + "\n"


def added(body, heading, bullets):
    """`bullets` at the end of what is below `heading`; the heading is made where it belongs."""
    mark = f"{heading}:\n"
    if f"\n{mark}" in f"\n{body}":
        before, after = f"\n{body}".split(f"\n{mark}", 1)
        parts = re.split(r"^(?=[A-Z][A-Z ]+:\n)", after.lstrip("\n"), maxsplit=1, flags=re.MULTILINE)
        tail = f"\n{parts[1]}" if len(parts) > 1 else ""
        return f"{before}\n{mark}\n{parts[0].strip()}\n{bullets}{tail}"
    order = list(HEADINGS.values())
    later = [name for name in order[order.index(heading) + 1:] if f"\n{name}:\n" in f"\n{body}"]
    block = f"{mark}\n{bullets}"
    if not later:
        return f"{body.rstrip()}\n\n{block}"
    before, after = f"\n{body}".split(f"\n{later[0]}:\n", 1)
    return f"{before.rstrip()}\n\n{block}\n{later[0]}:\n{after}"


if __name__ == "__main__":
    main()
