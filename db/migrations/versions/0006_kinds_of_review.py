"""Whose verdict a review is stands in a column of its own, and no longer in front of the reviewer's name."""

import json

import sqlalchemy as sa
from alembic import op

import db.base
from db.models.search import watch_again

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

KINDS = ("rule", "final")
"""What stood before the reviewer's name, with a colon, where the verdict was not a person's own."""


def _integer() -> sa.types.TypeEngine:
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        _rebuild("kind", "colorization_id", "kind", "reviewer")
    else:
        op.add_column("review", sa.Column("kind", sa.Text(), nullable=False, server_default="person"))
        for kind in KINDS:
            op.execute(f"UPDATE review SET kind = '{kind}', reviewer = substr(reviewer, {len(kind) + 2}) WHERE reviewer LIKE '{kind}:%'")
        op.alter_column("review", "kind", server_default=None)
        op.drop_constraint(op.f("uq_review_colorization_id_reviewer"), "review")
        op.create_unique_constraint(op.f("uq_review_colorization_id_kind_reviewer"), "review", ["colorization_id", "kind", "reviewer"])
        op.create_check_constraint(op.f("ck_review_kind_known"), "review", "kind IN ('person', 'rule', 'final')")
    _rewrite_events(_parted)


def downgrade() -> None:
    _rewrite_events(_joined)
    if op.get_bind().dialect.name == "sqlite":
        _rebuild(None, "colorization_id", "reviewer")
    else:
        op.drop_constraint(op.f("ck_review_kind_known"), "review")
        op.drop_constraint(op.f("uq_review_colorization_id_kind_reviewer"), "review")
        op.execute("UPDATE review SET reviewer = kind || ':' || reviewer WHERE kind <> 'person'")
        op.drop_column("review", "kind")
        op.create_unique_constraint(op.f("uq_review_colorization_id_reviewer"), "review", ["colorization_id", "reviewer"])


def _rebuild(kind: str | None, *unique: str) -> None:
    """SQLite changes no constraint of a table that is there: the rows move to a new one, which takes its name."""
    known = [sa.CheckConstraint("kind IN ('person', 'rule', 'final')", name=op.f("ck_review_kind_known"))] if kind else []
    op.create_table(
        "review_new",
        sa.Column("id", _integer(), nullable=False),
        sa.Column("colorization_id", _integer(), nullable=False),
        *([sa.Column("kind", sa.Text(), nullable=False)] if kind else []),
        sa.Column("reviewer", sa.Text(), nullable=False),
        sa.Column("verdict", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("batch_id", sa.Text(), nullable=True),
        sa.Column("created_at", db.base.UtcDateTime(), nullable=False),
        *known,
        sa.CheckConstraint("verdict = 'accept' OR length(reason) > 0", name=op.f("ck_review_refusal_has_a_reason")),
        sa.CheckConstraint("verdict IN ('accept', 'fix', 'reject')", name=op.f("ck_review_verdict_known")),
        sa.ForeignKeyConstraint(["colorization_id"], ["colorization.id"], name=op.f("fk_review_colorization_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review")),
        sa.UniqueConstraint(*unique, name=op.f(f"uq_review_{'_'.join(unique)}")),
        sqlite_strict=True,
        sqlite_autoincrement=True,
    )
    rest = "verdict, reason, batch_id, created_at"
    if kind:
        cases = " ".join(f"WHEN reviewer LIKE '{one}:%' THEN '{one}'" for one in KINDS)
        names = " ".join(f"WHEN reviewer LIKE '{one}:%' THEN substr(reviewer, {len(one) + 2})" for one in KINDS)
        op.execute(
            f"INSERT INTO review_new (id, colorization_id, kind, reviewer, {rest}) "
            f"SELECT id, colorization_id, CASE {cases} ELSE 'person' END, CASE {names} ELSE reviewer END, {rest} FROM review"
        )
    else:
        named = "CASE kind WHEN 'person' THEN reviewer ELSE kind || ':' || reviewer END"
        op.execute(
            f"INSERT INTO review_new (id, colorization_id, reviewer, {rest}) SELECT id, colorization_id, {named}, {rest} FROM review"
        )
    op.drop_table("review")
    op.execute("PRAGMA legacy_alter_table = ON")  # else it refuses, for views that name `review` would lack it in between
    op.rename_table("review_new", "review")
    op.execute("PRAGMA legacy_alter_table = OFF")
    watch_again(op.get_bind(), "review")
    op.create_index("ix_review_batch_id", "review", ["batch_id"])
    op.create_index("ix_review_verdict", "review", ["verdict", "colorization_id"])


def _rewrite_events(changed) -> None:
    """The history holds reviews as they were, and undoing compares them with the rows."""
    event = sa.table("event", sa.column("id"), sa.column("subject"), sa.column("before"), sa.column("after"))
    bind = op.get_bind()
    rows = bind.execute(sa.select(event.c.id, event.c.before, event.c.after).where(event.c.subject == "review")).all()
    for key, *states in rows:
        before, after = (None if state is None else json.dumps(changed(json.loads(state)), ensure_ascii=False) for state in states)
        bind.execute(sa.update(event).where(event.c.id == key).values(before=before, after=after))


def _parted(record: dict) -> dict:
    kind, _, name = record["reviewer"].partition(":")
    return {**record, "kind": kind, "reviewer": name} if kind in KINDS and name else {**record, "kind": "person"}


def _joined(record: dict) -> dict:
    kind = record.pop("kind")
    return record if kind == "person" else {**record, "reviewer": f"{kind}:{record['reviewer']}"}
