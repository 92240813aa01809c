"""Asks which of the locked Python packages have known vulnerabilities: `make audit`.

    bin/audit.py [--osv-url ADDRESS] [--seconds N]

pip-audit asks OSV (Open Source Vulnerabilities) about every package that the locks install on this Python, one after
the other; nothing but their names and versions leaves. Exit code 0: none is known; 1: some are, and are named; 2: the
service did not answer, twice, so nothing is known.
"""

import argparse
import json
import subprocess
import sys
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
LOCKS = sorted(REPOSITORY.glob("requirements*.lock"))  # pip-audit does not follow the locks that a lock names
TRIES = 2
SECONDS_FOR_ALL = 600


class NoAnswer(Exception):
    """The service did not answer; the message is the end of what pip-audit says of it."""


def main() -> int:
    parser = argparse.ArgumentParser(prog="bin/audit.py", description=__doc__.partition("\n")[0])
    parser.add_argument("--osv-url", help="another address of OSV, or a mirror of it")
    parser.add_argument("--seconds", type=int, default=15, help="how long one answer may take (default: %(default)s)")
    asked = parser.parse_args()
    options = ["--timeout", str(asked.seconds), *(["--osv-url", asked.osv_url] if asked.osv_url else [])]
    for attempt in range(1, TRIES + 1):
        try:
            packages = audited(options)
        except NoAnswer as problem:
            print(f"Try {attempt} of {TRIES}: the vulnerability service did not answer. {problem}", file=sys.stderr)
        else:
            return report(packages)
    print("Nothing is known about vulnerabilities: run this again later, or see whether the service can be reached.")
    return 2


def audited(options: list[str]) -> list[dict]:
    """The packages as pip-audit tells of them: name, version, vulns."""
    command = [sys.executable, "-m", "pip_audit", "--format", "json", "--progress-spinner", "off", "--desc", "on"]
    command += ["--require-hashes", "--disable-pip", "--vulnerability-service", "osv", *options]
    command += [part for lock in LOCKS for part in ("--requirement", str(lock))]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS_FOR_ALL)
        return json.loads(done.stdout)["dependencies"]
    except subprocess.TimeoutExpired as slow:
        raise NoAnswer(f"It was not finished after {SECONDS_FOR_ALL} seconds.") from slow
    except ValueError as silent:
        raise NoAnswer(done.stderr.strip().rpartition("\n")[2]) from silent


def report(packages: list[dict]) -> int:
    found = [(package, vulnerability) for package in packages for vulnerability in package["vulns"]]
    for package, vulnerability in found:
        names = ", ".join([vulnerability["id"], *vulnerability.get("aliases", [])])
        fixed = " or ".join(vulnerability["fix_versions"]) or "no release yet"
        print(f"{package['name']} {package['version']}: {names}; mended in {fixed}. {vulnerability['description']}")
    print(f"Packages asked about: {len(packages)}. Known vulnerabilities: {len(found)}.")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
