"""Full-text search: what can be asked of captions and images, as words of two FTS5 tables on SQLite; on PostgreSQL a `tsvector` index.

`caption_search` has a row for every caption: its text, and as `facts` a token for each thing known of it and of its image.
`image_search` has a row for every image: the texts of its captions that are not dropped, and the tokens of these and of itself.
One MATCH expression so finds any mix of words and facts, in the order of ids, and counts a million of them in some 50 ms.

Triggers on every table that a row speaks of note whose rows are stale, whoever wrote and by whatever statement; `refresh_search` writes
these anew: at the end of each transaction, and before a search within one. The tokens (`0cred0`) begin and end with a zero, so that no
word of a caption is one of them and no stemmer shortens it; names that people chose are in hexadecimal.
"""

from collections.abc import Iterable, Iterator

from sqlalchemy import Connection, event

from db.base import Base

MANY = 9999
"""Longer captions count as this long."""
COLORIZED = "colorization WHERE colorization.image_id = image.id"
ID_SCALES = range(7)
"""Powers of ten by which ids are known, so that every range of them is a few tokens."""
IDS = " || ".join(f"' 0p{power}x' || (id / {10**power}) || '0'" for power in ID_SCALES)
IMAGE_FACTS = f"""CREATE VIEW image_search_facts AS SELECT id, ' 0x0 0u' || hex(source) || '0' || {IDS}
|| CASE WHEN has_reference THEN ' 0ireference0' ELSE '' END
|| CASE WHEN EXISTS (SELECT 1 FROM region WHERE region.image_id = image.id) THEN ' 0imask0' ELSE '' END
|| CASE WHEN EXISTS (SELECT 1 FROM {COLORIZED}) THEN ' 0icolorization0' ELSE '' END
|| CASE WHEN EXISTS (SELECT 1 FROM review JOIN {COLORIZED.replace("WHERE", "ON colorization.id = review.colorization_id WHERE")})
THEN ' 0ireview0' ELSE '' END
|| CASE WHEN EXISTS (SELECT 1 FROM duplicate WHERE duplicate.image_id = image.id)
OR EXISTS (SELECT 1 FROM duplicate WHERE duplicate.original_id = image.id) THEN ' 0iduplicate0' ELSE '' END
|| coalesce((SELECT group_concat(' 0g' || hex(tag) || '0', '') FROM image_tag WHERE image_tag.image_id = image.id), '') AS facts
FROM image"""
CAPTION_FACTS = f"""CREATE VIEW caption_search_facts AS SELECT id, image_id, status, text,
' 0l' || level || '0 0s' || status || '0 0o' || text_origin || '0'
|| ' 0t' || tokens || '0 0d' || (tokens / 10) || '0 0h' || (tokens / 100) || '0 0k' || (tokens / 1000) || '0'
|| coalesce((SELECT group_concat(' 0n' || hex(object) || '0', '') FROM mention WHERE mention.caption_id = counted.id), '')
|| coalesce((SELECT group_concat(' 0c' || color || '0', '') FROM mention JOIN mention_color ON mention_color.mention_id = mention.id
WHERE mention.caption_id = counted.id), '')
|| CASE WHEN EXISTS (SELECT 1 FROM mention JOIN grounding ON grounding.mention_id = mention.id WHERE mention.caption_id = counted.id)
THEN ' 0hmask0' ELSE '' END
|| CASE WHEN EXISTS (SELECT 1 FROM colorization WHERE colorization.caption_id = counted.id) THEN ' 0hcolorization0' ELSE '' END
|| CASE WHEN EXISTS (SELECT 1 FROM colorization JOIN review ON review.colorization_id = colorization.id
WHERE colorization.caption_id = counted.id) THEN ' 0hreview0' ELSE '' END AS facts
FROM (SELECT id, image_id, status, text, level, text_origin, min(tokens, {MANY}) AS tokens FROM caption) AS counted"""

CAPTION_ROWS = """INSERT INTO caption_search (rowid, text, facts) SELECT c.id, c.text, c.facts || i.facts
FROM caption_search_facts AS c JOIN image_search_facts AS i ON i.id = c.image_id"""
IMAGE_ROWS = """INSERT INTO image_search (rowid, text, facts) SELECT i.id,
coalesce((SELECT group_concat(text, ' 0b0 ') FROM caption WHERE image_id = i.id AND status <> 'dropped'), ''),
i.facts || coalesce((SELECT ' 0icaption0' || group_concat(facts, '') FROM caption_search_facts
WHERE image_id = i.id AND status <> 'dropped'), '')
FROM image_search_facts AS i"""
FILL = (CAPTION_ROWS + " ORDER BY c.id", IMAGE_ROWS + " ORDER BY i.id")
OPTIMIZE = tuple(f"INSERT INTO {table} ({table}) VALUES ('optimize')" for table in ("caption_search", "image_search"))
"""One piece of index instead of several: a row is found in a fraction of the time."""
REFRESH = (
    "DELETE FROM caption_search WHERE rowid IN (SELECT id FROM caption_search_stale)",
    CAPTION_ROWS + " WHERE c.id IN (SELECT id FROM caption_search_stale)",
    "DELETE FROM caption_search_stale",
    "DELETE FROM image_search WHERE rowid IN (SELECT id FROM image_search_stale)",
    IMAGE_ROWS + " WHERE i.id IN (SELECT id FROM image_search_stale)",
    "DELETE FROM image_search_stale",
)
STALE = "SELECT EXISTS (SELECT 1 FROM caption_search_stale) OR EXISTS (SELECT 1 FROM image_search_stale)"


def _note(kind: str, ids: str) -> str:
    return f"INSERT OR IGNORE INTO {kind}_search_stale {ids}; "


def _caption(ids: str) -> str:
    """The captions with these ids, and what their images say of them."""
    return _note("caption", ids) + _note("image", f"SELECT image_id FROM caption WHERE id IN ({ids})")


def _image(ids: str) -> str:
    """The images with these ids, and what their captions say of them."""
    return _note("image", ids) + _note("caption", f"SELECT id FROM caption WHERE image_id IN ({ids})")


WATCHED = {
    "caption": ("text, tokens, level, status, text_origin, image_id",
                _caption("SELECT {row}.id") + _note("image", "SELECT {row}.image_id")),
    "mention": ("object", _caption("SELECT {row}.caption_id")),
    "mention_color": ("color", _caption("SELECT caption_id FROM mention WHERE id = {row}.mention_id")),
    "grounding": (None, _note("caption", "SELECT caption_id FROM mention WHERE id = {row}.mention_id")),
    "image": ("source, has_reference", _image("SELECT {row}.id")),
    "image_tag": ("tag", _image("SELECT {row}.image_id")),
    "region": (None, _image("SELECT {row}.image_id")),
    "duplicate": (None, _image("SELECT {row}.image_id UNION SELECT {row}.original_id")),
    "colorization": (None, _image("SELECT {row}.image_id") + _note("caption", "SELECT {row}.caption_id")),
    "review": (None, _image("SELECT image_id FROM colorization WHERE id = {row}.colorization_id")
               + _note("caption", "SELECT caption_id FROM colorization WHERE id = {row}.colorization_id")),
}  # fmt: skip
"""Of each table that a row of the search speaks of, the columns that may change, and what is stale after a change of `{row}`."""


def _triggers(tables: Iterable[str] = WATCHED) -> Iterator[str]:
    for table in tables:
        columns, stale = WATCHED[table]
        created = "CREATE TRIGGER search_{1}_{0} AFTER {1} ON {0} BEGIN {2}END"
        yield created.format(table, "insert", stale.format(row="new"))
        yield created.format(table, "delete", stale.format(row="old"))
        if columns:
            changed = stale.format(row="old") + stale.format(row="new")
            yield f"CREATE TRIGGER search_update_{table} AFTER UPDATE OF {columns} ON {table} BEGIN {changed}END"


SQLITE = (
    "CREATE VIRTUAL TABLE caption_search USING fts5(text, facts, tokenize='porter unicode61')",
    "CREATE VIRTUAL TABLE image_search USING fts5(text, facts, tokenize='porter unicode61')",
    "CREATE TABLE caption_search_stale (id INTEGER PRIMARY KEY) STRICT",
    "CREATE TABLE image_search_stale (id INTEGER PRIMARY KEY) STRICT",
    IMAGE_FACTS,
    CAPTION_FACTS,
    *_triggers(),
)
POSTGRESQL = ("CREATE INDEX IF NOT EXISTS caption_search ON caption USING gin (to_tsvector('english', text))",)


def create_search(connection: Connection) -> None:
    """Create the index and what keeps it, and fill it from what the store has."""
    for statement in (*SQLITE, *FILL, *OPTIMIZE) if connection.dialect.name == "sqlite" else POSTGRESQL:
        connection.exec_driver_sql(statement)


def watch_again(connection: Connection, table: str) -> None:
    """Create the triggers of a table that was made anew and has the same rows; PostgreSQL has none."""
    if connection.dialect.name == "sqlite":
        for statement in _triggers([table]):
            connection.exec_driver_sql(statement)


def drop_search(connection: Connection) -> None:
    """Take away the index and what keeps it, of this version of the schema or of the one before."""
    if connection.dialect.name != "sqlite":
        connection.exec_driver_sql("DROP INDEX IF EXISTS caption_search")
        return
    for table in WATCHED:
        for change in ("insert", "delete", "update"):
            connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS search_{change}_{table}")
    for name in ("caption_search", "image_search"):
        connection.exec_driver_sql(f"DROP VIEW IF EXISTS {name}_facts")
        connection.exec_driver_sql(f"DROP TABLE IF EXISTS {name}_stale")
        connection.exec_driver_sql(f"DROP TABLE IF EXISTS {name}")


def refresh_search(connection: Connection) -> None:
    """Write the stale rows of the index anew; PostgreSQL keeps its own."""
    if connection.dialect.name == "sqlite" and connection.exec_driver_sql(STALE).scalar():
        for statement in REFRESH:
            connection.exec_driver_sql(statement)


@event.listens_for(Base.metadata, "after_create")
def _with_the_tables(_metadata, connection: Connection, **_options) -> None:
    create_search(connection)
