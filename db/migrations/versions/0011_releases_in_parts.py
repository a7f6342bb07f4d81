"""Releases come in many short transactions: when the last part of one that is not whole yet came, and which images it has bound."""

import sqlalchemy as sa
from alembic import op

from db.base import Int64, UtcDateTime

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("release", sa.Column("entering_at", UtcDateTime()))
    op.add_column("split_assignment", sa.Column("bound_by", Int64))
    op.create_index("ix_split_assignment_bound_by", "split_assignment", ["bound_by"])


def downgrade() -> None:
    raise RuntimeError("an older program would show releases that are not whole")
