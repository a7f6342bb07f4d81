"""Where pictures are from (author, address), likenesses of pictures and crops, help from outside models, and origins in releases."""

import sqlalchemy as sa
from alembic import op

import db.base
from db.models.search import watch_again

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

TEXT, BLOB, JSON, MOMENT = sa.Text(), sa.LargeBinary(), db.base.JsonText(), db.base.UtcDateTime()
NUMBER, REAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite"), db.base.Real
KINDS = "kind IN ('exact', 'near', 'crop')"


def upgrade() -> None:
    for name in ("author", "url"):
        op.add_column("image", sa.Column(name, TEXT, nullable=True))
    op.add_column("release_item", sa.Column("origins", JSON, nullable=True))
    if op.get_bind().dialect.name == "sqlite":
        _rebuild_duplicate()
    else:
        op.drop_constraint(op.f("ck_duplicate_kind_known"), "duplicate")
        op.create_check_constraint(op.f("ck_duplicate_kind_known"), "duplicate", KINDS)
    _create_likeness()
    _create_model_help()


def _rebuild_duplicate() -> None:
    """SQLite changes no constraint of a table that is there: the rows move to a new one, which takes its name."""
    op.create_table(
        "duplicate_new",
        sa.Column("image_id", NUMBER, nullable=False),
        sa.Column("original_id", NUMBER, nullable=False),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("distance", NUMBER, nullable=False),
        sa.CheckConstraint(KINDS, name=op.f("ck_duplicate_kind_known")),
        sa.CheckConstraint("original_id < image_id", name=op.f("ck_duplicate_earlier_is_original")),
        sa.ForeignKeyConstraint(["image_id"], ["image.id"], name=op.f("fk_duplicate_image_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["original_id"], ["image.id"], name=op.f("fk_duplicate_original_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("image_id", "original_id", name=op.f("pk_duplicate")),
        sqlite_strict=True,
    )
    columns = "image_id, original_id, kind, distance"
    op.execute(f"INSERT INTO duplicate_new ({columns}) SELECT {columns} FROM duplicate")
    op.drop_table("duplicate")
    op.execute("PRAGMA legacy_alter_table = ON")  # else it refuses, for views that name `duplicate` would lack it in between
    op.rename_table("duplicate_new", "duplicate")
    op.execute("PRAGMA legacy_alter_table = OFF")
    watch_again(op.get_bind(), "duplicate")
    op.create_index("ix_duplicate_original_id", "duplicate", ["original_id"])


def _create_likeness() -> None:
    op.create_table(
        "landmarks",
        sa.Column("image_id", NUMBER, nullable=False),
        sa.Column("keys", BLOB, nullable=False),
        sa.Column("points", BLOB, nullable=False),
        sa.ForeignKeyConstraint(["image_id"], ["image.id"], name=op.f("fk_landmarks_image_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("image_id", name=op.f("pk_landmarks")),
        sqlite_strict=True,
    )
    op.create_table(
        "picture_features",
        sa.Column("image_id", NUMBER, nullable=False),
        sa.Column("network", TEXT, nullable=False),
        sa.Column("vector", BLOB, nullable=False),
        sa.Column("map_x", REAL, nullable=True),
        sa.Column("map_y", REAL, nullable=True),
        sa.CheckConstraint("(map_x IS NULL) = (map_y IS NULL)", name=op.f("ck_picture_features_place_is_whole")),
        sa.ForeignKeyConstraint(["image_id"], ["image.id"], name=op.f("fk_picture_features_image_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("image_id", name=op.f("pk_picture_features")),
        sqlite_strict=True,
    )
    op.create_index("ix_picture_features_map_x", "picture_features", ["map_x", "map_y"])


def _create_model_help() -> None:
    op.create_table(
        "setting",
        sa.Column("name", TEXT, nullable=False),
        sa.Column("value", JSON, nullable=False),
        sa.Column("author", TEXT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_setting")),
        sqlite_strict=True,
    )
    op.create_table(
        "model_answer",
        sa.Column("key", TEXT, nullable=False),
        sa.Column("image_id", NUMBER, nullable=True),
        sa.Column("run_id", NUMBER, nullable=True),
        sa.Column("model", TEXT, nullable=False),
        sa.Column("prompt", TEXT, nullable=False),
        sa.Column("temperature", REAL, nullable=False),
        sa.Column("face", TEXT, nullable=False),
        sa.Column("answer", TEXT, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.CheckConstraint("length(key) = 64", name=op.f("ck_model_answer_key_is_hex")),
        sa.ForeignKeyConstraint(["image_id"], ["image.id"], name=op.f("fk_model_answer_image_id"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], name=op.f("fk_model_answer_run_id"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_model_answer")),
        sqlite_strict=True,
    )
    op.create_index("ix_model_answer_image_id", "model_answer", ["image_id"])
    op.create_index("ix_model_answer_run_id", "model_answer", ["run_id"])


def downgrade() -> None:
    raise RuntimeError("an older program knows no crops among duplicates, and would not keep where pictures are from")
