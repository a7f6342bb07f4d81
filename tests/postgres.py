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
from pathlib import Path

import pytest
from sqlalchemy import create_engine, make_url, text

VARIABLE = "WORKBENCH_TEST_POSTGRES_URL"


def _binaries() -> Path | None:
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    initdb = versions[-1] if versions else shutil.which("initdb")
    return Path(initdb).parent if initdb else None


def _available() -> bool:
    return bool(os.environ.get(VARIABLE)) or _binaries() is not None


def pytest_report_header() -> str:
    return "" if _available() else f"PostgreSQL tests are left out: no server binaries are installed and {VARIABLE} is not set"


def pytest_collection_modifyitems(config, items) -> None:
    if _available():
        return
    if os.environ.get("CI") == "true":
        raise pytest.UsageError(f"PostgreSQL is needed here: install its server or set {VARIABLE}")
    left_out = [item for item in items if "postgres" in item.keywords]
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


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """URL of a server's maintenance database."""
    if os.environ.get(VARIABLE):
        yield os.environ[VARIABLE]
        return
    binaries, prefix, port = _binaries(), _unprivileged(), _free_port()
    folder = Path(tempfile.mkdtemp(prefix="workbench-postgres-"))
    folder.chmod(0o777)
    cluster, options = folder / "cluster", f"-c listen_addresses=127.0.0.1 -p {port} -c unix_socket_directories={folder} -c fsync=off"
    quiet = {"check": True, "stdout": subprocess.DEVNULL, "cwd": folder}
    subprocess.run([*prefix, binaries / "initdb", "-D", cluster, "-U", "tester", "--auth=trust", "-E", "UTF8", "--locale=C.UTF-8"], **quiet)
    control = [*prefix, binaries / "pg_ctl", "-D", cluster, "-w"]
    subprocess.run([*control, "-o", options, "-l", folder / "log", "start"], **quiet)
    try:
        yield f"postgresql+psycopg://tester@127.0.0.1:{port}/postgres"
    finally:
        subprocess.run([*control, "-m", "immediate", "stop"], **quiet)
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def postgres_url(postgres_server) -> Iterator[str]:
    """URL of an empty database, dropped after the test."""
    server = create_engine(make_url(postgres_server), isolation_level="AUTOCOMMIT")
    name = f"test_{uuid.uuid4().hex[:12]}"
    with server.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    yield make_url(postgres_server).set(database=name).render_as_string(hide_password=False)
    with server.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    server.dispose()
