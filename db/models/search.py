"""Full-text search over captions: FTS5 with external content on SQLite, a `tsvector` index on PostgreSQL."""

from sqlalchemy import DDL, Connection, event, text

from db.models.caption import Caption

SQLITE = (
    "CREATE VIRTUAL TABLE IF NOT EXISTS caption_search USING fts5("
    "text, content='caption', content_rowid='id', tokenize='porter unicode61')",
    "CREATE TRIGGER IF NOT EXISTS caption_search_insert AFTER INSERT ON caption BEGIN "
    "INSERT INTO caption_search(rowid, text) VALUES (new.id, new.text); END",
    "CREATE TRIGGER IF NOT EXISTS caption_search_delete AFTER DELETE ON caption BEGIN "
    "INSERT INTO caption_search(caption_search, rowid, text) VALUES ('delete', old.id, old.text); END",
    "CREATE TRIGGER IF NOT EXISTS caption_search_update AFTER UPDATE OF text ON caption BEGIN "
    "INSERT INTO caption_search(caption_search, rowid, text) VALUES ('delete', old.id, old.text); "
    "INSERT INTO caption_search(rowid, text) VALUES (new.id, new.text); END",
)
POSTGRESQL = ("CREATE INDEX IF NOT EXISTS caption_search ON caption USING gin (to_tsvector('english', text))",)


def create_caption_search(connection: Connection) -> None:
    """Create the full-text index and the triggers that keep it, on the connection's dialect."""
    for statement in SQLITE if connection.dialect.name == "sqlite" else POSTGRESQL:
        connection.execute(DDL(statement) if "%" in statement else text(statement.replace(":", r"\:")))


@event.listens_for(Caption.__table__, "after_create")
def _with_the_table(_table, connection: Connection, **_options) -> None:
    create_caption_search(connection)
