"""How unsure the color prior is of each picture."""

import sqlalchemy as sa
from alembic import op

import db.base

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "prior_doubt",
        sa.Column("image_id", NUMBER, nullable=False),
        sa.Column("prior", sa.Text(), nullable=False),
        sa.Column("doubt", db.base.Real, nullable=False),
        sa.CheckConstraint("doubt >= 0", name=op.f("ck_prior_doubt_doubt_not_negative")),
        sa.ForeignKeyConstraint(["image_id"], ["image.id"], name=op.f("fk_prior_doubt_image_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("image_id", name=op.f("pk_prior_doubt")),
        sqlite_strict=True,
    )


def downgrade() -> None:
    op.drop_table("prior_doubt")
