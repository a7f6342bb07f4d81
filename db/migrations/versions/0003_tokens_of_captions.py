"""Every caption knows how many tokens CLIP makes of it, and the full-text index of facts is made with these counts.

Batches of changes, which may now be of a hundred thousand, are found without looking at all events.
"""

import sqlalchemy as sa
from alembic import op

from db.models.search import create_search, drop_search
from db.tokens import count_tokens

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

BATCH = 10_000
MARKS_ALONE = "2"
"""Tokens of an empty text, which no caption has: what the column holds until its captions are counted, a few lines on."""

BATCHES = (
    ("ix_event_made_at_once", ["id"], "batch_id IS NOT NULL AND run_id IS NULL"),
    ("ix_event_standing", ["batch_id", "id"], "batch_id IS NOT NULL AND undone_by_id IS NULL"),
)

caption = sa.table("caption", sa.column("id"), sa.column("text"), sa.column("tokens"))


def upgrade() -> None:
    connection = op.get_bind()
    drop_search(connection)
    op.add_column(
        "caption", sa.Column("tokens", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False, server_default=MARKS_ALONE)
    )
    counted = caption.update().where(caption.c.id == sa.bindparam("key")).values(tokens=sa.bindparam("number"))
    last = 0
    page = sa.select(caption.c.id, caption.c.text).order_by(caption.c.id).limit(BATCH)
    while rows := connection.execute(page.where(caption.c.id > last)).all():
        connection.execute(counted, [{"key": key, "number": count_tokens(text)} for key, text in rows])
        last = rows[-1].id
    create_search(connection)
    for name, columns, which in BATCHES:
        op.create_index(name, "event", columns, sqlite_where=sa.text(which), postgresql_where=sa.text(which))


def downgrade() -> None:
    raise RuntimeError("an older program would not keep the counts")
