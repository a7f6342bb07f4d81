"""Full-text search over captions and what is known of them: FTS5 on SQLite, a `tsvector` index on PostgreSQL.

What is indexed of a caption is its text, its facts (`workbench.facts`), and a token each for its level, status and origin, so that one
expression finds any mix of them in the order of ids.
"""

from sqlalchemy import DDL, Connection, event, text

from db.models.caption import Caption

COLUMNS = "{row}facts || ' 0l' || {row}level || '0 0s' || {row}status || '0 0o' || {row}text_origin || '0'"
OLD, NEW = ((f"{row}.id", f"{row}.text", COLUMNS.format(row=f"{row}.")) for row in ("old", "new"))
FORGET = f"INSERT INTO caption_search(caption_search, rowid, text, facts) VALUES ('delete', {', '.join(OLD)}); "
LEARN = f"INSERT INTO caption_search(rowid, text, facts) VALUES ({', '.join(NEW)}); "
WATCHED = "text, facts, level, status, text_origin"

SQLITE = (
    f"CREATE VIEW IF NOT EXISTS caption_search_source AS SELECT id, text, {COLUMNS.format(row='')} AS facts FROM caption",
    "CREATE VIRTUAL TABLE IF NOT EXISTS caption_search USING fts5("
    "text, facts, content='caption_search_source', content_rowid='id', tokenize='porter unicode61')",
    f"CREATE TRIGGER IF NOT EXISTS caption_search_insert AFTER INSERT ON caption BEGIN {LEARN}END",
    f"CREATE TRIGGER IF NOT EXISTS caption_search_delete AFTER DELETE ON caption BEGIN {FORGET}END",
    f"CREATE TRIGGER IF NOT EXISTS caption_search_update AFTER UPDATE OF {WATCHED} ON caption BEGIN {FORGET}{LEARN}END",
)
DOCUMENT = "(to_tsvector('english', {row}text) || array_to_tsvector(string_to_array(ltrim(" + COLUMNS + "), ' ')))"
"""What PostgreSQL indexes; a query has to name the same expression, `{row}` being the table with its dot."""
POSTGRESQL = (f"CREATE INDEX IF NOT EXISTS caption_search ON caption USING gin ({DOCUMENT.format(row='')})",)


def create_caption_search(connection: Connection) -> None:
    """Create the full-text index and the triggers that keep it, on the connection's dialect."""
    for statement in SQLITE if connection.dialect.name == "sqlite" else POSTGRESQL:
        connection.execute(DDL(statement) if "%" in statement else text(statement.replace(":", r"\:")))


@event.listens_for(Caption.__table__, "after_create")
def _with_the_table(_table, connection: Connection, **_options) -> None:
    create_caption_search(connection)
