"""The schema's version: bring a store to the newest one, and say where it stands."""

from pathlib import Path

from sqlalchemy import Engine, inspect, text

import db.models  # noqa: F401  (registers the tables)

MIGRATIONS = Path(__file__).parent / "migrations"


def head() -> str:
    """The revision that the models describe: the last of the migrations, whose files are named by their order."""
    return max(path.stem.partition("_")[0] for path in (MIGRATIONS / "versions").glob("[0-9]*_*.py"))


def current(engine: Engine) -> str | None:
    """The revision that the store has; None where there is no schema yet."""
    with engine.connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        return connection.scalar(text("SELECT version_num FROM alembic_version"))


class NewerSchemaError(Exception):
    """The store was made by a newer version of the workbench."""


def upgrade(engine: Engine) -> None:
    """Bring the store to `head()`; nothing happens where it is there already. Raises NewerSchemaError where it is beyond."""
    revision = current(engine)
    if revision == head():
        return
    if revision is not None and revision > head():
        raise NewerSchemaError(revision)
    # Here and not above: Alembic takes a good part of the start of every command and of the app, and a store is seldom behind.
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
