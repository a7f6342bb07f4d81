"""What is known of captions and images stands in the full-text index beside their words; 0003 makes that index, with what it holds now."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

GONE = ("TRIGGER caption_search_insert", "TRIGGER caption_search_delete", "TRIGGER caption_search_update", "TABLE caption_search")


def upgrade() -> None:
    connection = op.get_bind()
    for name in GONE if connection.dialect.name == "sqlite" else ("INDEX caption_search",):
        connection.exec_driver_sql(f"DROP {name}")
    op.create_index("ix_image_file_name", "image", ["file_name"])


def downgrade() -> None:
    raise RuntimeError("an older program would not keep the facts in the index")
