"""What said where the object of an automatic mask is, so that colors are not judged by the finding that steered them."""

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    known = "CONSTRAINT ck_region_found_by_known CHECK (found_by IN ('finder', 'attention', 'clicks'))"
    op.execute(f"ALTER TABLE region ADD COLUMN found_by TEXT {known}")


def downgrade() -> None:
    raise RuntimeError("an older program would not keep how masks were found")
