"""Stores of tests on PostgreSQL: with WORKBENCH_TEST_DATABASE set, the fixtures `engines` and `session` have a database of a server.

Homes of whole stores, which tests copy and apps open, stay folders with a file of SQLite.

The variable is the URL of a server's maintenance database (its role may create databases), or the word `postgresql`, by which the
plugin `tests.postgres` starts a temporary one. What a test has made is dropped after it.
"""

import hashlib
import os
from functools import cache
from pathlib import Path

from sqlalchemy import Engine, create_engine, make_url, text

from db.schema import upgrade
from db.session import Engines, connect
from tests.postgres import STORES_VARIABLE

made: list[str] = []
"""Names of the databases that this process has made, oldest first."""


def url_of(path: Path) -> str:
    """The address of the store that would be the file `path`; made of an empty one at the newest schema where it is not there."""
    name = _name(path)
    if name not in made:
        _run(f"CREATE DATABASE {name} TEMPLATE {_template()}")
        made.append(name)
    return _address(name)


def drop(names: list[str]) -> None:
    """Take databases away, whoever is still connected."""
    for name in names:
        _run(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        made.remove(name)


def engines(path: Path) -> Engines:
    """The engines of `url_of`."""
    return connect(url_of(path))


def _name(path: Path) -> str:
    return f"store_{hashlib.sha256(str(path).encode()).hexdigest()[:16]}"


def _address(name: str) -> str:
    return make_url(os.environ[STORES_VARIABLE]).set(database=name).render_as_string(hide_password=False)


@cache
def _server() -> Engine:
    return create_engine(make_url(os.environ[STORES_VARIABLE]), isolation_level="AUTOCOMMIT")


def _run(statement: str) -> None:
    with _server().connect() as connection:
        connection.execute(text(statement))


@cache
def _template() -> str:
    """An empty store at the newest schema; the migrations run once in a process."""
    name = f"template_{os.getpid()}"
    _run(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
    _run(f"CREATE DATABASE {name}")
    migrated = connect(_address(name))
    upgrade(migrated.writer)
    migrated.dispose()
    return name
