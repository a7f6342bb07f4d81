"""Alembic's entry: runs the migrations on the connection that `db.schema` hands over."""

from alembic import context

from db.base import Base, EnumText

SEARCH = ("caption_search", "image_search")


def render_item(kind, item, _autogenerate):
    """Enums migrate as plain text: their CHECK is a constraint of its own."""
    return "sa.Text()" if kind == "type" and isinstance(item, EnumText) else False


def include_object(_item, name, kind, _reflected, _compare_to):
    """Leave out the tables and the index of the full-text search, which SQLAlchemy cannot describe."""
    return not (kind in ("table", "index") and name.startswith(SEARCH))


connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=Base.metadata,
    render_as_batch=connection.dialect.name == "sqlite",
    render_item=render_item,
    include_object=include_object,
)
with context.begin_transaction():
    context.run_migrations()
