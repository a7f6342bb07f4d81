"""Projects of Label Studio, and the annotations that have landed from them."""

import sqlalchemy as sa
from alembic import op

import db.base

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def _integer() -> sa.types.TypeEngine:
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "label_studio_project",
        sa.Column("id", _integer(), nullable=False),
        sa.Column("server", sa.Text(), nullable=False),
        sa.Column("project", _integer(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("study_id", _integer(), nullable=True),
        sa.Column("seen_until", sa.Text(), nullable=False),
        sa.Column("created_at", db.base.UtcDateTime(), nullable=False),
        sa.CheckConstraint("kind IN ('captions', 'regions', 'study')", name=op.f("ck_label_studio_project_kind_known")),
        sa.ForeignKeyConstraint(["study_id"], ["study.id"], name=op.f("fk_label_studio_project_study_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_label_studio_project")),
        sa.UniqueConstraint("server", "project", name=op.f("uq_label_studio_project_server_project")),
        sa.UniqueConstraint("server", "title", name=op.f("uq_label_studio_project_server_title")),
        sqlite_strict=True,
        sqlite_autoincrement=True,
    )
    op.create_index("ix_label_studio_project_study_id", "label_studio_project", ["study_id"])
    op.create_table(
        "label_studio_annotation",
        sa.Column("id", _integer(), nullable=False),
        sa.Column("project_id", _integer(), nullable=False),
        sa.Column("annotation", _integer(), nullable=False),
        sa.Column("updated_at", sa.Text(), nullable=False),
        sa.Column("landed", db.base.JsonText(), nullable=False),
        sa.Column("run_id", _integer(), nullable=True),
        sa.Column("created_at", db.base.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["project_id"], ["label_studio_project.id"], name=op.f("fk_label_studio_annotation_project_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], name=op.f("fk_label_studio_annotation_run_id"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_label_studio_annotation")),
        sa.UniqueConstraint("project_id", "annotation", name=op.f("uq_label_studio_annotation_project_id_annotation")),
        sqlite_strict=True,
        sqlite_autoincrement=True,
    )
    op.create_index("ix_label_studio_annotation_run_id", "label_studio_annotation", ["run_id"])


def downgrade() -> None:
    op.drop_table("label_studio_annotation")
    op.drop_table("label_studio_project")
