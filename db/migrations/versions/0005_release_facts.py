"""A release keeps what changed in it, its leak gate and its lineage; an item why its colorization was chosen."""

import sqlalchemy as sa
from alembic import op

import db.base

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("release", sa.Column("facts", db.base.JsonText(), nullable=False, server_default="{}"))
    op.add_column("release_item", sa.Column("choice", db.base.JsonText(), nullable=True))


def downgrade() -> None:
    op.drop_column("release_item", "choice")
    op.drop_column("release", "facts")
