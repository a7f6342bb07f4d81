"""An index by which originals with hardly any color are found among a million without reading the others."""

from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_image_colorfulness", "image", ["has_reference", "colorfulness", "id"])


def downgrade() -> None:
    op.drop_index("ix_image_colorfulness", "image")
