"""A run counts the workers that died over it, so that one that brings each of them down is set aside."""

import sqlalchemy as sa
from alembic import op

import db.base

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("run", sa.Column("worker_deaths", db.base.Int64, nullable=False, server_default="0"))


def downgrade() -> None:
    op.drop_column("run", "worker_deaths")
