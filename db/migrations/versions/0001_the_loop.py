"""The tables of the whole loop"""

import sqlalchemy as sa
from alembic import op

import db.base

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

SQLITE_SEARCH = (
    "CREATE VIRTUAL TABLE caption_search USING fts5(text, content='caption', content_rowid='id', tokenize='porter unicode61')",
    "CREATE TRIGGER caption_search_insert AFTER INSERT ON caption BEGIN "
    "INSERT INTO caption_search(rowid, text) VALUES (new.id, new.text); END",
    "CREATE TRIGGER caption_search_delete AFTER DELETE ON caption BEGIN "
    "INSERT INTO caption_search(caption_search, rowid, text) VALUES ('delete', old.id, old.text); END",
    "CREATE TRIGGER caption_search_update AFTER UPDATE OF text ON caption BEGIN "
    "INSERT INTO caption_search(caption_search, rowid, text) VALUES ('delete', old.id, old.text); "
    "INSERT INTO caption_search(rowid, text) VALUES (new.id, new.text); END",
)
POSTGRESQL_SEARCH = ("CREATE INDEX caption_search ON caption USING gin (to_tsvector('english', text))",)


def upgrade() -> None:
    op.create_table(
        "person",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("created_at", db.base.UtcDateTime(), nullable=False),
        sa.CheckConstraint("role IN ('viewer', 'curator', 'owner')", name=op.f("ck_person_role_known")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person")),
        sa.UniqueConstraint("name", name=op.f("uq_person_name")),
        sqlite_strict=True,
        sqlite_autoincrement=True,
    )
    op.create_table(
        "rater",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("pseudonym", sa.Text(), nullable=False),
        sa.Column("simulated", db.base.Flag(), nullable=False),
        sa.Column("created_at", db.base.UtcDateTime(), nullable=False),
        sa.CheckConstraint("length(pseudonym) > 0", name=op.f("ck_rater_has_a_pseudonym")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rater")),
        sa.UniqueConstraint("pseudonym", name=op.f("uq_rater_pseudonym")),
        sqlite_strict=True,
        sqlite_autoincrement=True,
    )
    op.create_table(
        "run",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("job", sa.Text(), nullable=False),
        sa.Column("parameters", db.base.JsonText(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("requested_by", sa.Text(), nullable=False),
        sa.Column("workflow_id", sa.Text(), nullable=True),
        sa.Column("executor", sa.Text(), nullable=True),
        sa.Column("total", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("done", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("failed", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("skipped", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("summary", db.base.JsonText(), nullable=False),
        sa.Column("started_at", db.base.UtcDateTime(), nullable=True),
        sa.Column("finished_at", db.base.UtcDateTime(), nullable=True),
        sa.Column("created_at", db.base.UtcDateTime(), nullable=False),
        sa.CheckConstraint("status IN ('queued', 'running', 'done', 'failed', 'cancelled')", name=op.f("ck_run_status_known")),
        sa.CheckConstraint("total >= 0 AND done >= 0 AND failed >= 0 AND skipped >= 0", name=op.f("ck_run_counts_not_negative")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_run")),
        sa.UniqueConstraint("workflow_id", name=op.f("uq_run_workflow_id")),
        sqlite_strict=True,
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("run", schema=None) as batch_op:
        batch_op.create_index("ix_run_job", ["job", "id"], unique=False)
        batch_op.create_index("ix_run_status", ["status", "id"], unique=False)

    op.create_table(
        "saved_view",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("query", sa.Text(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("created_at", db.base.UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_view")),
        sa.UniqueConstraint("name", name=op.f("uq_saved_view_name")),
        sqlite_strict=True,
        sqlite_autoincrement=True,
    )
    op.create_table(
        "worker",
        sa.Column("executor", sa.Text(), nullable=False),
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("pid", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("queues", db.base.JsonText(), nullable=False),
        sa.Column("capabilities", db.base.JsonText(), nullable=False),
        sa.Column("started_at", db.base.UtcDateTime(), nullable=False),
        sa.Column("heartbeat_at", db.base.UtcDateTime(), nullable=False),
        sa.Column("stopped_at", db.base.UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("executor", name=op.f("pk_worker")),
        sqlite_strict=True,
    )
    op.create_table(
        "event",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Text(), nullable=False),
        sa.Column("before", db.base.JsonText(), nullable=True),
        sa.Column("after", db.base.JsonText(), nullable=True),
        sa.Column("batch_id", sa.Text(), nullable=True),
        sa.Column("undone_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("run_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("created_at", db.base.UtcDateTime(), nullable=False),
        sa.CheckConstraint("before IS NOT NULL OR after IS NOT NULL", name=op.f("ck_event_something_changed")),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], name=op.f("fk_event_run_id"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["undone_by_id"], ["event.id"], name=op.f("fk_event_undone_by_id"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event")),
        sqlite_strict=True,
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("event", schema=None) as batch_op:
        batch_op.create_index("ix_event_actor", ["actor", "id"], unique=False)
        batch_op.create_index("ix_event_batch_id", ["batch_id"], unique=False)
        batch_op.create_index("ix_event_subject", ["subject", "subject_id", "id"], unique=False)

    op.create_table(
        "image",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("pixel_hash", sa.Text(), nullable=False),
        sa.Column("phash", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("media_key", sa.Text(), nullable=False),
        sa.Column("upright_key", sa.Text(), nullable=False),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("format", sa.Text(), nullable=False),
        sa.Column("width", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("height", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("bit_depth", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("has_reference", db.base.Flag(), nullable=False),
        sa.Column("colorfulness", sa.Float(precision=53).with_variant(sa.REAL(), "sqlite"), nullable=False),
        sa.Column("mean_lightness", sa.Float(precision=53).with_variant(sa.REAL(), "sqlite"), nullable=False),
        sa.Column("license", sa.Text(), nullable=True),
        sa.Column("attributes", db.base.JsonText(), nullable=False),
        sa.Column("run_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("created_at", db.base.UtcDateTime(), nullable=False),
        sa.CheckConstraint("length(sha256) = 64", name=op.f("ck_image_sha256_is_hex")),
        sa.CheckConstraint("width > 0 AND height > 0", name=op.f("ck_image_has_area")),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], name=op.f("fk_image_run_id"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_image")),
        sa.UniqueConstraint("sha256", name=op.f("uq_image_sha256")),
        sqlite_strict=True,
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("image", schema=None) as batch_op:
        batch_op.create_index("ix_image_pixel_hash", ["pixel_hash"], unique=False)
        batch_op.create_index("ix_image_run_id", ["run_id"], unique=False)
        batch_op.create_index("ix_image_source", ["source"], unique=False)

    op.create_table(
        "release",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("manifest_hash", sa.Text(), nullable=False),
        sa.Column("rules", db.base.JsonText(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("run_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("created_at", db.base.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], name=op.f("fk_release_run_id"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_release")),
        sa.UniqueConstraint("name", "version", name=op.f("uq_release_name_version")),
        sqlite_strict=True,
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("release", schema=None) as batch_op:
        batch_op.create_index("ix_release_run_id", ["run_id"], unique=False)

    op.create_table(
        "run_item",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("run_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("item", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.CheckConstraint("status IN ('failed', 'skipped')", name=op.f("ck_run_item_status_known")),
        sa.CheckConstraint("length(reason) > 0", name=op.f("ck_run_item_has_a_reason")),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], name=op.f("fk_run_item_run_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_run_item")),
        sa.UniqueConstraint("run_id", "item", name=op.f("uq_run_item_run_id_item")),
        sqlite_strict=True,
        sqlite_autoincrement=True,
    )
    op.create_table(
        "study",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("seed", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("votes_per_trial", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("design", db.base.JsonText(), nullable=False),
        sa.Column("opened_at", db.base.UtcDateTime(), nullable=True),
        sa.Column("closed_at", db.base.UtcDateTime(), nullable=True),
        sa.Column("run_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("created_at", db.base.UtcDateTime(), nullable=False),
        sa.CheckConstraint("method IN ('pair', 'choice', 'category', 'ranking')", name=op.f("ck_study_method_known")),
        sa.CheckConstraint("status IN ('draft', 'open', 'closed')", name=op.f("ck_study_status_known")),
        sa.CheckConstraint("votes_per_trial > 0", name=op.f("ck_study_asks_for_votes")),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], name=op.f("fk_study_run_id"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_study")),
        sa.UniqueConstraint("name", name=op.f("uq_study_name")),
        sqlite_strict=True,
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("study", schema=None) as batch_op:
        batch_op.create_index("ix_study_run_id", ["run_id"], unique=False)

    op.create_table(
        "caption",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("image_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("computed_level", sa.Text(), nullable=True),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("text_origin", sa.Text(), nullable=False),
        sa.Column("level_origin", sa.Text(), nullable=False),
        sa.Column("derived_from_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("run_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("updated_at", db.base.UtcDateTime(), nullable=False),
        sa.Column("created_at", db.base.UtcDateTime(), nullable=False),
        sa.CheckConstraint("level IN ('complete', 'partial', 'scarce')", name=op.f("ck_caption_level_known")),
        sa.CheckConstraint("level_origin IN ('human', 'rule', 'model', 'imported')", name=op.f("ck_caption_level_origin_known")),
        sa.CheckConstraint("status IN ('proposed', 'accepted', 'dropped')", name=op.f("ck_caption_status_known")),
        sa.CheckConstraint("text_origin IN ('human', 'rule', 'model', 'imported')", name=op.f("ck_caption_text_origin_known")),
        sa.CheckConstraint("length(text) > 0", name=op.f("ck_caption_text_not_empty")),
        sa.ForeignKeyConstraint(["derived_from_id"], ["caption.id"], name=op.f("fk_caption_derived_from_id"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["image_id"], ["image.id"], name=op.f("fk_caption_image_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], name=op.f("fk_caption_run_id"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_caption")),
        sa.UniqueConstraint("image_id", "text", name=op.f("uq_caption_image_id_text")),
        sqlite_strict=True,
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("caption", schema=None) as batch_op:
        batch_op.create_index("ix_caption_derived_from_id", ["derived_from_id"], unique=False)
        batch_op.create_index("ix_caption_level", ["level", "status", "id"], unique=False)
        batch_op.create_index("ix_caption_run_id", ["run_id"], unique=False)

    op.create_table(
        "checkpoint",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("location", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("parent_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("release_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("run_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("facts", db.base.JsonText(), nullable=False),
        sa.Column("promoted_at", db.base.UtcDateTime(), nullable=True),
        sa.Column("created_at", db.base.UtcDateTime(), nullable=False),
        sa.CheckConstraint("parent_id IS NULL OR parent_id <> id", name=op.f("ck_checkpoint_not_its_own_parent")),
        sa.ForeignKeyConstraint(["parent_id"], ["checkpoint.id"], name=op.f("fk_checkpoint_parent_id"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["release_id"], ["release.id"], name=op.f("fk_checkpoint_release_id"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], name=op.f("fk_checkpoint_run_id"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_checkpoint")),
        sa.UniqueConstraint("digest", name=op.f("uq_checkpoint_digest")),
        sa.UniqueConstraint("name", name=op.f("uq_checkpoint_name")),
        sqlite_strict=True,
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("checkpoint", schema=None) as batch_op:
        batch_op.create_index("ix_checkpoint_parent_id", ["parent_id"], unique=False)
        batch_op.create_index("ix_checkpoint_release_id", ["release_id"], unique=False)
        batch_op.create_index("ix_checkpoint_run_id", ["run_id"], unique=False)

    op.create_table(
        "duplicate",
        sa.Column("image_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("original_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("distance", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint("kind IN ('exact', 'near')", name=op.f("ck_duplicate_kind_known")),
        sa.CheckConstraint("original_id < image_id", name=op.f("ck_duplicate_earlier_is_original")),
        sa.ForeignKeyConstraint(["image_id"], ["image.id"], name=op.f("fk_duplicate_image_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["original_id"], ["image.id"], name=op.f("fk_duplicate_original_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("image_id", "original_id", name=op.f("pk_duplicate")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("duplicate", schema=None) as batch_op:
        batch_op.create_index("ix_duplicate_original_id", ["original_id"], unique=False)

    op.create_table(
        "export",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("release_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("format", sa.Text(), nullable=False),
        sa.Column("location", sa.Text(), nullable=False),
        sa.Column("files", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("bytes", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("manifest_hash", sa.Text(), nullable=False),
        sa.Column("run_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("created_at", db.base.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["release_id"], ["release.id"], name=op.f("fk_export_release_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], name=op.f("fk_export_run_id"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_export")),
        sa.UniqueConstraint("release_id", "format", "location", name=op.f("uq_export_release_id_format_location")),
        sqlite_strict=True,
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("export", schema=None) as batch_op:
        batch_op.create_index("ix_export_run_id", ["run_id"], unique=False)

    op.create_table(
        "image_tag",
        sa.Column("image_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("tag", sa.Text(), nullable=False),
        sa.CheckConstraint("length(tag) > 0", name=op.f("ck_image_tag_tag_not_empty")),
        sa.ForeignKeyConstraint(["image_id"], ["image.id"], name=op.f("fk_image_tag_image_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("image_id", "tag", name=op.f("pk_image_tag")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("image_tag", schema=None) as batch_op:
        batch_op.create_index("ix_image_tag_tag", ["tag", "image_id"], unique=False)

    op.create_table(
        "invitation",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("study_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("rater_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("token_hash", sa.Text(), nullable=False),
        sa.Column("cohort", sa.Text(), nullable=False),
        sa.Column("expires_at", db.base.UtcDateTime(), nullable=True),
        sa.Column("revoked_at", db.base.UtcDateTime(), nullable=True),
        sa.Column("consented_at", db.base.UtcDateTime(), nullable=True),
        sa.Column("finished_at", db.base.UtcDateTime(), nullable=True),
        sa.Column("screening", db.base.JsonText(), nullable=False),
        sa.Column("excluded_at", db.base.UtcDateTime(), nullable=True),
        sa.Column("exclusion_reason", sa.Text(), nullable=True),
        sa.Column("created_at", db.base.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["rater_id"], ["rater.id"], name=op.f("fk_invitation_rater_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["study_id"], ["study.id"], name=op.f("fk_invitation_study_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invitation")),
        sa.UniqueConstraint("study_id", "rater_id", name=op.f("uq_invitation_study_id_rater_id")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_invitation_token_hash")),
        sqlite_strict=True,
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("invitation", schema=None) as batch_op:
        batch_op.create_index("ix_invitation_rater_id", ["rater_id"], unique=False)

    op.create_table(
        "region",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("image_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("mask", db.base.JsonText(), nullable=False),
        sa.Column("mask_hash", sa.Text(), nullable=False),
        sa.Column("box_x", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("box_y", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("box_width", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("box_height", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("area_px", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("score", sa.Float(precision=53).with_variant(sa.REAL(), "sqlite"), nullable=True),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("run_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("created_at", db.base.UtcDateTime(), nullable=False),
        sa.CheckConstraint("origin IN ('human', 'sam', 'grabcut', 'composed', 'imported')", name=op.f("ck_region_origin_known")),
        sa.CheckConstraint("area_px > 0", name=op.f("ck_region_not_empty")),
        sa.CheckConstraint("box_x >= 0 AND box_y >= 0 AND box_width > 0 AND box_height > 0", name=op.f("ck_region_box_has_area")),
        sa.CheckConstraint("score IS NULL OR (score >= 0 AND score <= 1)", name=op.f("ck_region_score_is_a_share")),
        sa.ForeignKeyConstraint(["image_id"], ["image.id"], name=op.f("fk_region_image_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], name=op.f("fk_region_run_id"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_region")),
        sa.UniqueConstraint("image_id", "mask_hash", name=op.f("uq_region_image_id_mask_hash")),
        sqlite_strict=True,
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("region", schema=None) as batch_op:
        batch_op.create_index("ix_region_run_id", ["run_id"], unique=False)

    op.create_table(
        "release_exclusion",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("release_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("image_sha256", sa.Text(), nullable=False),
        sa.Column("caption_text", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.CheckConstraint("length(reason) > 0", name=op.f("ck_release_exclusion_has_a_reason")),
        sa.ForeignKeyConstraint(["release_id"], ["release.id"], name=op.f("fk_release_exclusion_release_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_release_exclusion")),
        sa.UniqueConstraint(
            "release_id", "image_sha256", "caption_text", name=op.f("uq_release_exclusion_release_id_image_sha256_caption_text")
        ),
        sqlite_strict=True,
        sqlite_autoincrement=True,
    )
    op.create_table(
        "split_assignment",
        sa.Column("image_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("group_key", sa.Text(), nullable=False),
        sa.Column("split", sa.Text(), nullable=False),
        sa.Column("assigned_at", db.base.UtcDateTime(), nullable=False),
        sa.CheckConstraint("split IN ('train', 'validation', 'test')", name=op.f("ck_split_assignment_split_known")),
        sa.ForeignKeyConstraint(["image_id"], ["image.id"], name=op.f("fk_split_assignment_image_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("image_id", name=op.f("pk_split_assignment")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("split_assignment", schema=None) as batch_op:
        batch_op.create_index("ix_split_assignment_group_key", ["group_key"], unique=False)

    op.create_table(
        "colorization",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("image_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("caption_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("checkpoint_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("caption_text", sa.Text(), nullable=False),
        sa.Column("settings", db.base.JsonText(), nullable=False),
        sa.Column("seed", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("media_key", sa.Text(), nullable=False),
        sa.Column("seconds", sa.Float(precision=53).with_variant(sa.REAL(), "sqlite"), nullable=False),
        sa.Column("adherence", sa.Float(precision=53).with_variant(sa.REAL(), "sqlite"), nullable=True),
        sa.Column("facts", db.base.JsonText(), nullable=False),
        sa.Column("run_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("created_at", db.base.UtcDateTime(), nullable=False),
        sa.CheckConstraint("adherence IS NULL OR (adherence >= 0 AND adherence <= 1)", name=op.f("ck_colorization_adherence_is_a_share")),
        sa.CheckConstraint("seconds >= 0", name=op.f("ck_colorization_seconds_not_negative")),
        sa.CheckConstraint("seed >= 0", name=op.f("ck_colorization_seed_not_negative")),
        sa.ForeignKeyConstraint(["caption_id"], ["caption.id"], name=op.f("fk_colorization_caption_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["checkpoint_id"], ["checkpoint.id"], name=op.f("fk_colorization_checkpoint_id"), ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["image_id"], ["image.id"], name=op.f("fk_colorization_image_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], name=op.f("fk_colorization_run_id"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_colorization")),
        sa.UniqueConstraint("key", name=op.f("uq_colorization_key")),
        sqlite_strict=True,
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("colorization", schema=None) as batch_op:
        batch_op.create_index("ix_colorization_adherence", ["adherence"], unique=False)
        batch_op.create_index("ix_colorization_caption_id", ["caption_id"], unique=False)
        batch_op.create_index("ix_colorization_checkpoint_id", ["checkpoint_id"], unique=False)
        batch_op.create_index("ix_colorization_image_id", ["image_id", "id"], unique=False)
        batch_op.create_index("ix_colorization_run_id", ["run_id"], unique=False)

    op.create_table(
        "evaluation",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("checkpoint_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("release_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("split", sa.Text(), nullable=False),
        sa.Column("settings", db.base.JsonText(), nullable=False),
        sa.Column("settings_hash", sa.Text(), nullable=False),
        sa.Column("metrics", db.base.JsonText(), nullable=False),
        sa.Column("run_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("created_at", db.base.UtcDateTime(), nullable=False),
        sa.CheckConstraint("split IN ('train', 'validation', 'test')", name=op.f("ck_evaluation_split_known")),
        sa.ForeignKeyConstraint(["checkpoint_id"], ["checkpoint.id"], name=op.f("fk_evaluation_checkpoint_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["release_id"], ["release.id"], name=op.f("fk_evaluation_release_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], name=op.f("fk_evaluation_run_id"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evaluation")),
        sa.UniqueConstraint(
            "checkpoint_id", "release_id", "split", "settings_hash", name=op.f("uq_evaluation_checkpoint_id_release_id_split_settings_hash")
        ),
        sqlite_strict=True,
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("evaluation", schema=None) as batch_op:
        batch_op.create_index("ix_evaluation_release_id", ["release_id"], unique=False)
        batch_op.create_index("ix_evaluation_run_id", ["run_id"], unique=False)

    op.create_table(
        "mention",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("caption_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("object", sa.Text(), nullable=False),
        sa.Column("start", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("end", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("colorable", db.base.Flag(), nullable=False),
        sa.CheckConstraint('start >= 0 AND "end" > start', name=op.f("ck_mention_span_in_order")),
        sa.ForeignKeyConstraint(["caption_id"], ["caption.id"], name=op.f("fk_mention_caption_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mention")),
        sa.UniqueConstraint("caption_id", "start", "end", name=op.f("uq_mention_caption_id_start_end")),
        sqlite_strict=True,
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("mention", schema=None) as batch_op:
        batch_op.create_index("ix_mention_object", ["object"], unique=False)

    op.create_table(
        "release_item",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("release_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("split", sa.Text(), nullable=False),
        sa.Column("group_key", sa.Text(), nullable=False),
        sa.Column("image_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("image_sha256", sa.Text(), nullable=False),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("width", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("height", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("caption_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("caption_text", sa.Text(), nullable=False),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("target", sa.Text(), nullable=False),
        sa.Column("colorization_key", sa.Text(), nullable=True),
        sa.Column("source_key", sa.Text(), nullable=False),
        sa.Column("color_key", sa.Text(), nullable=False),
        sa.Column("regions", db.base.JsonText(), nullable=False),
        sa.CheckConstraint(
            "(target = 'colorization') = (colorization_key IS NOT NULL)", name=op.f("ck_release_item_target_names_its_colorization")
        ),
        sa.CheckConstraint("level IN ('complete', 'partial', 'scarce')", name=op.f("ck_release_item_level_known")),
        sa.CheckConstraint("split IN ('train', 'validation', 'test')", name=op.f("ck_release_item_split_known")),
        sa.CheckConstraint("target IN ('reference', 'colorization')", name=op.f("ck_release_item_target_known")),
        sa.ForeignKeyConstraint(["caption_id"], ["caption.id"], name=op.f("fk_release_item_caption_id"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["image_id"], ["image.id"], name=op.f("fk_release_item_image_id"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["release_id"], ["release.id"], name=op.f("fk_release_item_release_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_release_item")),
        sa.UniqueConstraint(
            "release_id", "image_sha256", "caption_text", name=op.f("uq_release_item_release_id_image_sha256_caption_text")
        ),
        sqlite_strict=True,
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("release_item", schema=None) as batch_op:
        batch_op.create_index("ix_release_item_caption_id", ["caption_id"], unique=False)
        batch_op.create_index("ix_release_item_image_id", ["image_id"], unique=False)
        batch_op.create_index("ix_release_item_split", ["release_id", "split", "id"], unique=False)

    op.create_table(
        "trial",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("study_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("position", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("image_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("caption_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("caption_text", sa.Text(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.CheckConstraint("kind IN ('regular', 'training', 'gold', 'trap')", name=op.f("ck_trial_kind_known")),
        sa.ForeignKeyConstraint(["caption_id"], ["caption.id"], name=op.f("fk_trial_caption_id"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["image_id"], ["image.id"], name=op.f("fk_trial_image_id"), ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["study_id"], ["study.id"], name=op.f("fk_trial_study_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_trial")),
        sa.UniqueConstraint("study_id", "position", name=op.f("uq_trial_study_id_position")),
        sqlite_strict=True,
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("trial", schema=None) as batch_op:
        batch_op.create_index("ix_trial_caption_id", ["caption_id"], unique=False)
        batch_op.create_index("ix_trial_image_id", ["image_id"], unique=False)

    op.create_table(
        "assignment",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("trial_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("rater_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("position", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("shown_order", db.base.JsonText(), nullable=False),
        sa.Column("leased_until", db.base.UtcDateTime(), nullable=False),
        sa.Column("shown_at", db.base.UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["rater_id"], ["rater.id"], name=op.f("fk_assignment_rater_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["trial_id"], ["trial.id"], name=op.f("fk_assignment_trial_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assignment")),
        sa.UniqueConstraint("rater_id", "trial_id", name=op.f("uq_assignment_rater_id_trial_id")),
        sqlite_strict=True,
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("assignment", schema=None) as batch_op:
        batch_op.create_index("ix_assignment_trial_id", ["trial_id"], unique=False)

    op.create_table(
        "grounding",
        sa.Column("mention_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("region_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("created_at", db.base.UtcDateTime(), nullable=False),
        sa.CheckConstraint("origin IN ('human', 'rule', 'model', 'imported')", name=op.f("ck_grounding_origin_known")),
        sa.ForeignKeyConstraint(["mention_id"], ["mention.id"], name=op.f("fk_grounding_mention_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["region_id"], ["region.id"], name=op.f("fk_grounding_region_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("mention_id", "region_id", name=op.f("pk_grounding")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("grounding", schema=None) as batch_op:
        batch_op.create_index("ix_grounding_region_id", ["region_id"], unique=False)

    op.create_table(
        "mention_color",
        sa.Column("mention_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("color", sa.Text(), nullable=False),
        sa.Column("position", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(["mention_id"], ["mention.id"], name=op.f("fk_mention_color_mention_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("mention_id", "color", name=op.f("pk_mention_color")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("mention_color", schema=None) as batch_op:
        batch_op.create_index("ix_mention_color_color", ["color", "mention_id"], unique=False)

    op.create_table(
        "review",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("colorization_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("reviewer", sa.Text(), nullable=False),
        sa.Column("verdict", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("batch_id", sa.Text(), nullable=True),
        sa.Column("created_at", db.base.UtcDateTime(), nullable=False),
        sa.CheckConstraint("verdict = 'accept' OR length(reason) > 0", name=op.f("ck_review_refusal_has_a_reason")),
        sa.CheckConstraint("verdict IN ('accept', 'fix', 'reject')", name=op.f("ck_review_verdict_known")),
        sa.ForeignKeyConstraint(["colorization_id"], ["colorization.id"], name=op.f("fk_review_colorization_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review")),
        sa.UniqueConstraint("colorization_id", "reviewer", name=op.f("uq_review_colorization_id_reviewer")),
        sqlite_strict=True,
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("review", schema=None) as batch_op:
        batch_op.create_index("ix_review_batch_id", ["batch_id"], unique=False)
        batch_op.create_index("ix_review_verdict", ["verdict", "colorization_id"], unique=False)

    op.create_table(
        "stimulus",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("trial_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("position", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("system", sa.Text(), nullable=False),
        sa.Column("colorization_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("media_key", sa.Text(), nullable=False),
        sa.Column("is_answer", db.base.Flag(), nullable=True),
        sa.ForeignKeyConstraint(["colorization_id"], ["colorization.id"], name=op.f("fk_stimulus_colorization_id"), ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["trial_id"], ["trial.id"], name=op.f("fk_stimulus_trial_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stimulus")),
        sa.UniqueConstraint("trial_id", "position", name=op.f("uq_stimulus_trial_id_position")),
        sqlite_strict=True,
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("stimulus", schema=None) as batch_op:
        batch_op.create_index("ix_stimulus_colorization_id", ["colorization_id"], unique=False)

    op.create_table(
        "rating",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("trial_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("rater_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("stimulus_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("is_tie", db.base.Flag(), nullable=False),
        sa.Column("seconds", sa.Float(precision=53).with_variant(sa.REAL(), "sqlite"), nullable=True),
        sa.Column("shown_at", db.base.UtcDateTime(), nullable=True),
        sa.Column("rated_at", db.base.UtcDateTime(), nullable=False),
        sa.Column("shown_order", db.base.JsonText(), nullable=False),
        sa.CheckConstraint("seconds IS NULL OR seconds >= 0", name=op.f("ck_rating_seconds_not_negative")),
        sa.CheckConstraint("stimulus_id IS NULL OR NOT CAST(is_tie AS BOOLEAN)", name=op.f("ck_rating_tie_has_no_winner")),
        sa.ForeignKeyConstraint(["rater_id"], ["rater.id"], name=op.f("fk_rating_rater_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["stimulus_id"], ["stimulus.id"], name=op.f("fk_rating_stimulus_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["trial_id"], ["trial.id"], name=op.f("fk_rating_trial_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rating")),
        sa.UniqueConstraint("trial_id", "rater_id", name=op.f("uq_rating_trial_id_rater_id")),
        sqlite_strict=True,
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("rating", schema=None) as batch_op:
        batch_op.create_index("ix_rating_rater_id", ["rater_id"], unique=False)
        batch_op.create_index("ix_rating_stimulus_id", ["stimulus_id"], unique=False)

    op.create_table(
        "rating_value",
        sa.Column("rating_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("stimulus_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("scale", sa.Text(), nullable=False),
        sa.Column("value", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint("value >= 1", name=op.f("ck_rating_value_counts_from_one")),
        sa.ForeignKeyConstraint(["rating_id"], ["rating.id"], name=op.f("fk_rating_value_rating_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["stimulus_id"], ["stimulus.id"], name=op.f("fk_rating_value_stimulus_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("rating_id", "stimulus_id", "scale", name=op.f("pk_rating_value")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("rating_value", schema=None) as batch_op:
        batch_op.create_index("ix_rating_value_stimulus_id", ["stimulus_id"], unique=False)
    connection = op.get_bind()
    for statement in SQLITE_SEARCH if connection.dialect.name == "sqlite" else POSTGRESQL_SEARCH:
        connection.exec_driver_sql(statement)


def downgrade() -> None:
    raise RuntimeError("the first schema has nothing before it; remove the store instead")
