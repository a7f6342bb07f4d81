"""What is known of a caption stands in the full-text index beside its words"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

BATCH = 2000
COLUMNS = "{row}facts || ' 0l' || {row}level || '0 0s' || {row}status || '0 0o' || {row}text_origin || '0'"
OLD, NEW = (f"{row}.id, {row}.text, " + COLUMNS.format(row=f"{row}.") for row in ("old", "new"))
FORGET = f"INSERT INTO caption_search(caption_search, rowid, text, facts) VALUES ('delete', {OLD}); "
LEARN = f"INSERT INTO caption_search(rowid, text, facts) VALUES ({NEW}); "
SQLITE = (
    f"CREATE VIEW caption_search_source AS SELECT id, text, {COLUMNS.format(row='')} AS facts FROM caption",
    "CREATE VIRTUAL TABLE caption_search USING fts5("
    "text, facts, content='caption_search_source', content_rowid='id', tokenize='porter unicode61')",
    "INSERT INTO caption_search(caption_search) VALUES ('rebuild')",
    f"CREATE TRIGGER caption_search_insert AFTER INSERT ON caption BEGIN {LEARN}END",
    f"CREATE TRIGGER caption_search_delete AFTER DELETE ON caption BEGIN {FORGET}END",
    f"CREATE TRIGGER caption_search_update AFTER UPDATE OF text, facts, level, status, text_origin ON caption BEGIN {FORGET}{LEARN}END",
)
DOCUMENT = f"(to_tsvector('english', text) || array_to_tsvector(string_to_array(ltrim({COLUMNS.format(row='')}), ' ')))"
POSTGRESQL = (f"CREATE INDEX caption_search ON caption USING gin ({DOCUMENT})",)
GONE = ("TRIGGER caption_search_insert", "TRIGGER caption_search_delete", "TRIGGER caption_search_update", "TABLE caption_search")


def upgrade() -> None:
    connection = op.get_bind()
    on_sqlite = connection.dialect.name == "sqlite"
    for name in GONE if on_sqlite else ("INDEX caption_search",):
        connection.exec_driver_sql(f"DROP {name}")
    with op.batch_alter_table("caption") as caption:
        caption.add_column(sa.Column("facts", sa.Text(), server_default="", nullable=False))
    op.create_index("ix_image_file_name", "image", ["file_name"])
    _fill(connection)
    for statement in SQLITE if on_sqlite else POSTGRESQL:
        connection.exec_driver_sql(statement)


def _fill(connection: sa.Connection) -> None:
    """Write the facts of the captions that are there."""
    caption, mention = sa.table("caption", sa.column("id"), sa.column("text"), sa.column("facts")), sa.table(
        "mention", sa.column("id"), sa.column("caption_id"), sa.column("object"), sa.column("start")
    )  # fmt: skip
    color = sa.table("mention_color", sa.column("mention_id"), sa.column("color"), sa.column("position"))
    after = 0
    while rows := connection.execute(
        sa.select(caption.c.id, caption.c.text).where(caption.c.id > after).order_by(caption.c.id).limit(BATCH)
    ).all():
        last = rows[-1].id
        own = sa.and_(mention.c.caption_id > after, mention.c.caption_id <= last)
        said = sa.select(mention.c.caption_id, mention.c.id, mention.c.object, color.c.color)
        said = said.outerjoin(color, color.c.mention_id == mention.c.id).where(own)
        found: dict[int, list[str]] = {row.id: _length(row.text) for row in rows}
        for caption_id, _mention_id, noun, term in connection.execute(said.order_by(mention.c.start, color.c.position)):
            found[caption_id] += ([f"0c{term}0"] if term else []) + [f"0n{noun.encode().hex()}0"]
        written = [{"key": key, "new": "".join(f" {token}" for token in sorted(set(tokens)))} for key, tokens in found.items()]
        connection.execute(sa.update(caption).where(caption.c.id == sa.bindparam("key")).values(facts=sa.bindparam("new")), written)
        after = last


def _length(text: str) -> list[str]:
    count = min(3 + sum(text.count(mark) for mark in " ,.;:!?()\"'-/&"), 9999)
    return ["0a0", *(f"0{name}{count // size}0" for size, name in ((1, "t"), (10, "d"), (100, "h"), (1000, "k")))]


def downgrade() -> None:
    raise RuntimeError("the facts are read from the captions; an older program cannot keep them")
