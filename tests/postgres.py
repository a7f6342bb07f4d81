"""A pytest plugin: `postgres_url`, a fresh database for one test.

The server is the one that WORKBENCH_TEST_POSTGRES_URL names (a URL of a role that may create databases), else a temporary cluster made
from the installed binaries. Where there is neither, the tests marked `postgres` are deselected and the header of the run says so; with
CI=true that is an error instead.
"""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from sqlalchemy import create_engine, make_url, text

VARIABLE = "WORKBENCH_TEST_POSTGRES_URL"
STORES_VARIABLE = "WORKBENCH_TEST_DATABASE"
"""Where set, stores of tests lie on a server: see tests.stores.servers."""
RUNNING = pytest.StashKey[ExitStack]()


def _binaries() -> Path | None:
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    initdb = versions[-1] if versions else shutil.which("initdb")
    return Path(initdb).parent if initdb else None


def _available() -> bool:
    return bool(os.environ.get(VARIABLE)) or _binaries() is not None


def stores_on_server() -> bool:
    """Whether stores of tests lie on a server."""
    return bool(os.environ.get(STORES_VARIABLE))


def pytest_configure(config) -> None:
    """Where tests are to have their stores on a server that nobody has named, start one for the session."""
    if os.environ.get(STORES_VARIABLE) == "postgresql":
        running = config.stash[RUNNING] = ExitStack()
        os.environ[STORES_VARIABLE] = os.environ[VARIABLE] = running.enter_context(cluster())


def pytest_unconfigure(config) -> None:
    """Stop the server that `pytest_configure` started."""
    if RUNNING in config.stash:
        config.stash[RUNNING].close()


def pytest_report_header() -> str:
    return "" if _available() else f"PostgreSQL tests are left out: no server binaries are installed and {VARIABLE} is not set"


def pytest_collection_modifyitems(config, items) -> None:
    if stores_on_server():
        _leave_out(config, items, "sqlite")
    if _available():
        return
    if os.environ.get("CI") == "true":
        raise pytest.UsageError(f"PostgreSQL is needed here: install its server or set {VARIABLE}")
    _leave_out(config, items, "postgres")


def _leave_out(config, items, marker: str) -> None:
    left_out = [item for item in items if item.get_closest_marker(marker)]
    config.hook.pytest_deselected(items=left_out)
    items[:] = [item for item in items if item not in left_out]


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def _unprivileged() -> list[str]:
    """The prefix under which PostgreSQL agrees to run: it refuses root."""
    if os.geteuid() != 0:
        return []
    return ["runuser", "-u", "postgres" if any(u.pw_name == "postgres" for u in pwd.getpwall()) else "nobody", "--"]


@contextmanager
def cluster(address: str = "127.0.0.1", network: str = "127.0.0.1/32", *, durable: bool = False) -> Iterator[str]:
    """A temporary server that answers on an address, to a network; the URL of its maintenance database.

    `durable`: whether a commit waits for the disk, as it does on a server that keeps something.
    """
    binaries, prefix, port = _binaries(), _unprivileged(), _free_port()
    if binaries is None:
        raise RuntimeError("no PostgreSQL is installed here")
    folder = Path(tempfile.mkdtemp(prefix="workbench-postgres-"))
    folder.chmod(0o777)
    place, options = folder / "cluster", f"-c listen_addresses={address} -p {port} -c unix_socket_directories={folder}"
    options += "" if durable else " -c fsync=off"
    quiet = {"check": True, "stdout": subprocess.DEVNULL, "cwd": folder}
    subprocess.run([*prefix, binaries / "initdb", "-D", place, "-U", "tester", "--auth=trust", "-E", "UTF8", "--locale=C.UTF-8"], **quiet)
    with (place / "pg_hba.conf").open("a") as doors:
        doors.write(f"host all all {network} trust\n")
    control = [*prefix, binaries / "pg_ctl", "-D", place, "-w"]
    subprocess.run([*control, "-o", options, "-l", folder / "log", "start"], **quiet)
    try:
        yield f"postgresql+psycopg://tester@{address}:{port}/postgres"
    finally:
        subprocess.run([*control, "-m", "immediate", "stop"], **quiet)
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def database(server: str) -> Iterator[str]:
    """The URL of a new, empty database of a server, dropped at the end."""
    engine = create_engine(make_url(server), isolation_level="AUTOCOMMIT")
    name = f"test_{uuid.uuid4().hex[:12]}"
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    yield make_url(server).set(database=name).render_as_string(hide_password=False)
    with engine.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    engine.dispose()


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """URL of a server's maintenance database."""
    if os.environ.get(VARIABLE):
        yield os.environ[VARIABLE]
    else:
        with cluster() as url:
            yield url


@pytest.fixture
def postgres_url(postgres_server) -> Iterator[str]:
    """URL of an empty database, dropped after the test."""
    with database(postgres_server) as url:
        yield url
