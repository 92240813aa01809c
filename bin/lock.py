"""Locks what gets installed: `make lock`.

Beside each list (requirements*.txt, with its reasons) a lock of the same name: every package that the list brings, for
every Python from 3.11 and every system, each with its version and hashes. A lock holds what the locks before it do not,
and names those that its list names. What is locked stays as it is where it fits; --upgrade takes the newest instead.
"""

import argparse
import hashlib
import re
import subprocess
import sys
import tempfile
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
OLDEST_PYTHON = "3.11"
IN_ORDER = tuple(f"requirements{of}" for of in ("", "-demo", "-dev", "-postgres", "-node", "-build"))
HEADER = "# Made by `make lock` from {name}.txt: change that one, never this.\n# Its requirements: sha256 {digest}\n"


def main() -> int:
    parser = argparse.ArgumentParser(prog="bin/lock.py", description=__doc__.partition("\n")[0])
    parser.add_argument("--upgrade", action="store_true", help="take the newest release of what no list pins")
    lock(REPOSITORY, upgrade=parser.parse_args().upgrade)
    return 0


def lock(folder: Path, *, upgrade: bool) -> None:
    before = [] if upgrade else [block for name in IN_ORDER for block in blocks(folder / f"{name}.lock")]
    locked: list[str] = []
    for name in IN_ORDER:
        found = compiled(folder / f"{name}.txt", within=locked, liked=before)
        named = named_lists(folder / f"{name}.txt")
        header = HEADER.format(name=name, digest=digest(folder / f"{name}.txt"))
        there = {block for other in named for block in all_blocks(folder / f"{other}.txt")}
        new = [block for block in found if block not in there]
        (folder / f"{name}.lock").write_text(header + "".join([f"-r {other}.lock\n" for other in named] + new))
        locked += [block for block in found if block not in locked]


def compiled(file: Path, *, within: list[str], liked: list[str]) -> list[str]:
    """All that the list brings, in agreement with what is locked; of the rest rather what we had (`liked`)."""
    with tempfile.TemporaryDirectory() as folder:
        constraints, output = Path(folder) / "constraints.txt", Path(folder) / "compiled.lock"
        constraints.write_text("".join(within))
        output.write_text("".join(liked))
        command = [sys.executable, "-m", "uv", "pip", "compile", "--quiet", "--universal", "--generate-hashes"]
        command += ["--python-version", OLDEST_PYTHON, "--python", sys.executable, "--no-header", "--no-annotate"]
        command += ["--no-emit-index-url", "--no-emit-find-links", "--constraints", constraints, "-o", output, file]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        return blocks(output)


def all_blocks(file: Path) -> list[str]:
    """The entries of the locks of this list and of those that it names."""
    return [block for name in with_named(file) for block in blocks(file.with_name(f"{name}.lock"))]


def blocks(lock: Path) -> list[str]:
    """The entries of a lock: a requirement, and its hashes in the lines that follow."""
    text = lock.read_text() if lock.exists() else ""
    return re.findall(r"^[\w.\[\],-]+==.*\n(?: .*\n)*", text, re.MULTILINE)


# --- Does a lock agree with its list? -------------------------------------------------------------------------------


def disagreements(folder: Path) -> list[str]:
    """What no longer agrees, in sentences; nothing is asked of any network."""
    said = []
    for file in sorted(folder.glob("requirements*.txt")):
        lock = file.with_suffix(".lock")
        if file.stem not in IN_ORDER or not lock.exists():
            said.append(f"{file.name} has no lock: name it in bin/lock.py and run make lock.")
            continue
        if HEADER.format(name=file.stem, digest=digest(file)) not in lock.read_text():
            said.append(f"{lock.name} was made from another {file.name}: run make lock.")
        there = {pin(block) for block in all_blocks(file)}
        said += [f"{lock.name} does not hold {line}: run make lock." for line in wanted(file) if pin(line) not in there]
        said += [f"{lock.name}: {pin(block)} has no hash." for block in blocks(lock) if "--hash=sha256:" not in block]
    return said


def wanted(file: Path) -> list[str]:
    """The list's requirements and those of the lists that it names, without the reasons beside them."""
    lines = (line.partition("#")[0].strip() for line in file.read_text().splitlines())
    own = [line for line in lines if line and not line.startswith("-r ")]
    return [line for name in named_lists(file) for line in wanted(file.with_name(f"{name}.txt"))] + own


def named_lists(file: Path) -> list[str]:
    """The lists that this one names with `-r`."""
    return re.findall(r"^-r ([\w-]+)\.txt$", file.read_text(), re.MULTILINE)


def with_named(file: Path) -> list[str]:
    """The list, those that it names, and those that they name."""
    return [file.stem] + [name for named in named_lists(file) for name in with_named(file.with_name(f"{named}.txt"))]


def digest(file: Path) -> str:
    return hashlib.sha256("\n".join(wanted(file)).encode()).hexdigest()


def pin(requirement: str) -> str:
    """`Django[extra]==5.2.19 ; marker \\` → `django==5.2.19`."""
    name, _, version = re.split(r"[\s;\\]", requirement, maxsplit=1)[0].partition("==")
    return f"{re.sub(r'[-_.]+', '-', name.partition('[')[0]).lower()}=={version}"


if __name__ == "__main__":
    sys.exit(main())
