"""The project's own PostgreSQL: started once, found again, stopped cleanly, whatever the last process left behind."""

import os
import signal
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import environ
import psycopg2
import pytest

from config import local_postgres
from config.local_postgres import LocalPostgresError, Owner, Server

pytestmark = pytest.mark.skipif(not local_postgres.program_folders(), reason="no PostgreSQL programs on this machine")


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    """One running server for the tests that leave it as it is. The folder's name has what breaks careless quoting."""
    server = Server(wanted=tmp_path_factory.mktemp("local postgres") / "the council's server")
    server.start()
    yield server
    server.destroy()


@pytest.fixture
def server(tmp_path):
    server = Server(wanted=tmp_path / "postgres")
    yield server
    server.destroy()


def ask(server: Server, question: str, database: str = "postgres"):
    with closing(psycopg2.connect(server.url(database))) as connection, connection.cursor() as cursor:
        connection.autocommit = True
        cursor.execute(question)
        return cursor.fetchone()[0] if cursor.description else None


def process_number(server: Server) -> int:
    return int((server.data / "postmaster.pid").read_text().split()[0])


def test_a_started_server_answers_and_starting_it_again_changes_nothing(shared):
    first = process_number(shared)
    shared.start()
    assert process_number(shared) == first
    assert ask(shared, "SELECT 40 + 2") == 42


def test_it_listens_on_a_socket_that_others_cannot_reach_and_on_no_port(shared):
    assert ask(shared, "SHOW listen_addresses") == ""
    assert shared.socket_folder.stat().st_mode & 0o077 == 0
    assert shared.data.stat().st_mode & 0o077 == 0


def test_it_does_not_run_as_root(shared):
    assert shared.data.stat().st_uid != 0


def test_a_database_is_created_once_and_django_can_read_its_address(shared):
    shared.create_database("bops_twice")
    shared.create_database("bops_twice")
    settings = environ.Env.db_url_config(shared.url("bops_twice"))
    assert settings["ENGINE"] == "django.db.backends.postgresql"
    assert settings["NAME"] == "bops_twice"
    assert settings["OPTIONS"]["host"] == str(shared.socket_folder)
    assert ask(shared, "SELECT current_database()", "bops_twice") == "bops_twice"


def test_another_role_signs_in_by_the_same_address(shared):
    ask(shared, "CREATE ROLE somebody LOGIN")
    with closing(psycopg2.connect(shared.url("postgres", role="somebody"))) as connection:
        assert connection.info.user == "somebody"


def test_its_role_may_create_test_databases_and_extensions(shared):
    shared.create_database("bops_extensions")
    for extension in ("pg_trgm", "unaccent", "btree_gin"):
        ask(shared, f"CREATE EXTENSION IF NOT EXISTS {extension}", "bops_extensions")
    assert ask(shared, "SELECT rolcreatedb FROM pg_roles WHERE rolname = current_user") is True


def test_lower_case_knows_letters_beyond_english(shared):
    assert ask(shared, "SELECT lower('CAFÉ ŵ Ŵ')") == "café ŵ ŵ"


def test_stopping_says_whether_there_was_something_to_stop(server):
    assert server.stop() is False
    server.start()
    assert server.is_running()
    assert server.stop() is True
    assert not server.is_running()
    assert server.stop() is False


def test_a_stopped_server_keeps_its_data(server):
    server.start()
    server.create_database("kept")
    server.stop()
    server.start()
    assert ask(server, "SELECT 1 FROM pg_database WHERE datname = 'kept'") == 1


def test_a_server_that_was_killed_starts_again_with_its_data(server):
    server.start()
    server.create_database("kept")
    os.kill(process_number(server), signal.SIGKILL)
    server._wait_until_gone(process_number(server))
    server.start()
    assert ask(server, "SELECT 1 FROM pg_database WHERE datname = 'kept'") == 1


def test_a_note_left_by_a_dead_server_does_not_hinder_when_its_number_now_belongs_to_another(server):
    server.start()
    note = server.data / "postmaster.pid"
    text = note.read_text()
    server.stop()
    stranger = subprocess.Popen(["sleep", "600"], user=server.owner.uid if os.geteuid() == 0 else None, cwd="/")
    try:
        note.write_text(text.replace(text.split()[0], str(stranger.pid), 1))
        assert server.stop() is False
        server.start()
        assert ask(server, "SELECT 1") == 1
        assert stranger.poll() is None, "the stranger must be left alone"
    finally:
        stranger.kill()
        stranger.wait()


def test_processes_that_start_at_once_share_one_server(server):
    program = (
        "import sys; from pathlib import Path; from config.local_postgres import Server;"
        "s = Server(wanted=Path(sys.argv[1])); s.start(); s.create_database('together');"
        "print((s.data / 'postmaster.pid').read_text().split()[0])"
    )
    environment = os.environ | {"PYTHONPATH": str(local_postgres.REPOSITORY / "site")}
    command = [sys.executable, "-c", program, str(server.wanted)]
    started = [subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) for _ in range(4)]
    numbers = [process.communicate()[0].strip() for process in started]
    assert [process.returncode for process in started] == [0, 0, 0, 0]
    assert numbers == [str(process_number(server))] * 4


def test_a_path_too_long_for_a_socket_gets_a_short_one_elsewhere(tmp_path):
    deep = Server(wanted=tmp_path / "/".join(["a-folder-with-quite-a-long-name"] * 5) / "postgres")
    try:
        deep.start()
        assert ask(deep, "SELECT 1") == 1
        assert len(str(deep.socket_folder)) < 80
    finally:
        deep.destroy()
    assert not deep.socket_folder.exists()
    assert not deep.home.exists()


def test_destroying_deletes_all_and_a_new_start_is_empty(server):
    server.start()
    server.create_database("gone")
    server.destroy()
    assert not server.home.exists()
    server.start()
    assert ask(server, "SELECT count(*) FROM pg_database WHERE datname = 'gone'") == 0


def test_initialisation_that_was_cut_short_is_done_again(server):
    server._make_folders()
    half = server.data / "base"
    half.mkdir(parents=True)
    server.start()
    assert ask(server, "SELECT 1") == 1


def test_without_any_postgresql_the_person_is_told_what_to_do(server, monkeypatch):
    monkeypatch.setattr(local_postgres, "program_folders", list)
    with pytest.raises(LocalPostgresError, match="apt install postgresql"):
        server.start()


def test_data_of_a_version_that_is_gone_are_not_touched(server):
    server.start()
    server.stop()
    (server.data / "PG_VERSION").write_text("9.6\n")
    with pytest.raises(LocalPostgresError, match=r"made by PostgreSQL 9\.6"):
        server.start()
    assert (server.data / "base").exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can make a folder that belongs to somebody else")
def test_a_folder_that_somebody_else_made_beforehand_is_not_trusted(server):
    server.home.mkdir()
    os.chown(server.home, 12345, 12345)
    with pytest.raises(LocalPostgresError, match="belongs to another user"):
        server.start()
    server.home.rmdir()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs the server as another user")
def test_as_root_a_folder_shut_to_the_servers_user_is_replaced_by_one_it_can_reach(tmp_path):
    shut = tmp_path / "shut"
    shut.mkdir(mode=0o700)
    elsewhere = Server(wanted=shut / "postgres")
    assert elsewhere.home.parent == Path("/var/tmp")
    assert elsewhere.home != Server(wanted=tmp_path / "shut" / "other").home


def test_what_we_run_as_another_user_has_none_of_our_libpq_settings(monkeypatch):
    monkeypatch.setenv("PGDATA", "/somewhere/else")
    me = Owner(name="me", uid=os.geteuid(), gid=os.getegid())
    assert "PGDATA" not in me.run("env", capture_output=True).stdout
