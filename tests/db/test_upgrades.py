"""A store of any released revision, with rows in every table, comes to the newest one whole, on either database."""

import pytest
from sqlalchemy import inspect

from db import schema
from db.session import connect, transaction
from tests.db import old_stores
from workbench import upkeep

pytestmark = pytest.mark.slow

REVISIONS = sorted(path.stem.partition("_")[0] for path in (schema.MIGRATIONS / "versions").glob("[0-9]*_*.py"))
REWRITTEN = {("person", "role"), ("caption", "tokens")}
"""Columns whose values a later revision words anew, which tests of their own look at."""


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def url(request, tmp_path) -> str:
    """The address of a database without a schema."""
    return f"sqlite:///{tmp_path / 'old.sqlite'}" if request.param == "sqlite" else request.getfixturevalue("postgres_url")


@pytest.mark.parametrize("revision", REVISIONS)
def test_every_row_of_an_older_store_is_there_after_the_upgrade_and_the_store_is_sound(url, media, revision):
    engines = connect(url)
    old_stores.at_revision(engines.writer, revision)
    with engines.writer.begin() as connection:
        old_stores.fill(connection, media)
    with engines.reader.connect() as connection:
        columns = old_stores.columns_of(connection)
        before = old_stores.contents(connection)
    schema.upgrade(engines.writer)
    assert schema.current(engines.reader) == schema.head()
    with engines.reader.connect() as connection:
        kept = {
            table: [name for name in names if name in _columns(connection, table) and (table, name) not in REWRITTEN]
            for table, names in columns.items()
        }
        after = old_stores.contents(connection, kept)
    for table, names in kept.items():
        places = [columns[table].index(name) for name in names]
        assert after[table] == [tuple(row[place] for place in places) for row in before[table]], table
    with transaction(engines.reader) as session:
        assert upkeep.damages(session, media) == []
    assert upkeep.database_damages(url, "the store") == []
    engines.dispose()


def _columns(connection, table: str) -> list[str]:
    return [column["name"] for column in inspect(connection).get_columns(table)]
