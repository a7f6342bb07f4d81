"""Studies come in many short transactions: when the last part of one that is not whole yet came."""

import sqlalchemy as sa
from alembic import op

from db.base import UtcDateTime

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("study", sa.Column("entering_at", UtcDateTime()))


def downgrade() -> None:
    raise RuntimeError("an older program would show studies that are not whole")
