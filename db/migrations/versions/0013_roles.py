"""The roles of people: viewer, annotator, curator, admin; an owner of before is an admin."""

import sqlalchemy as sa
from alembic import op

import db.base

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _change("role IN ('viewer', 'annotator', 'curator', 'admin')", "CASE role WHEN 'owner' THEN 'admin' ELSE role END")


def downgrade() -> None:
    _change("role IN ('viewer', 'curator', 'owner')", "CASE role WHEN 'admin' THEN 'owner' WHEN 'annotator' THEN 'viewer' ELSE role END")


def _change(known: str, role: str) -> None:
    if op.get_bind().dialect.name != "sqlite":
        op.drop_constraint(op.f("ck_person_role_known"), "person")
        op.execute(f"UPDATE person SET role = {role}")
        op.create_check_constraint(op.f("ck_person_role_known"), "person", known)
        return
    # SQLite changes no constraint of a table that is there: the rows move to a new one, which takes its name.
    op.create_table(
        "person_new",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("created_at", db.base.UtcDateTime(), nullable=False),
        sa.CheckConstraint(known, name=op.f("ck_person_role_known")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person")),
        sa.UniqueConstraint("name", name=op.f("uq_person_name")),
        sqlite_strict=True,
        sqlite_autoincrement=True,
    )
    op.execute(f"INSERT INTO person_new (id, name, role, created_at) SELECT id, name, {role}, created_at FROM person")
    op.drop_table("person")
    op.rename_table("person_new", "person")
