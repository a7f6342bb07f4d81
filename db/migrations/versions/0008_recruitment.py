"""Recruitment by one link, how a rater's part ended, what was agreed to, how pictures were seen, trials set aside."""

import sqlalchemy as sa
from alembic import op

import db.base

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

TEXT, MOMENT, JSON, NUMBER = sa.Text(), db.base.UtcDateTime(), db.base.JsonText(), db.base.Int64
OUTCOMES = "outcome IN ('completed', 'screened_out', 'quota_full', 'withdrawn')"


def upgrade() -> None:
    op.create_table(
        "recruitment_link",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("study_id", NUMBER, nullable=False),
        sa.Column("token_hash", TEXT, nullable=False),
        sa.Column("cohort", TEXT, nullable=False),
        sa.Column("cap", NUMBER, nullable=True),
        sa.Column("expires_at", MOMENT, nullable=True),
        sa.Column("revoked_at", MOMENT, nullable=True),
        sa.Column("turned_away", NUMBER, nullable=False),
        sa.Column("declined", NUMBER, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.CheckConstraint("cap IS NULL OR cap > 0", name=op.f("ck_recruitment_link_lets_somebody_in")),
        sa.ForeignKeyConstraint(["study_id"], ["study.id"], name=op.f("fk_recruitment_link_study_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recruitment_link")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_recruitment_link_token_hash")),
        sqlite_strict=True,
        sqlite_autoincrement=True,
    )
    op.create_index("ix_recruitment_link_study_id", "recruitment_link", ["study_id"])
    op.create_table(
        "participant",
        sa.Column("invitation_id", NUMBER, nullable=False),
        sa.Column("study_id", NUMBER, nullable=False),
        sa.Column("link_id", NUMBER, nullable=True),
        sa.Column("name", TEXT, nullable=True),
        sa.Column("parameters", JSON, nullable=False),
        sa.ForeignKeyConstraint(["invitation_id"], ["invitation.id"], name=op.f("fk_participant_invitation_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["study_id"], ["study.id"], name=op.f("fk_participant_study_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["link_id"], ["recruitment_link.id"], name=op.f("fk_participant_link_id"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("invitation_id", name=op.f("pk_participant")),
        sa.UniqueConstraint("study_id", "name", name=op.f("uq_participant_study_id_name")),
        sqlite_strict=True,
    )
    op.create_index("ix_participant_link_id", "participant", ["link_id"])
    _invitation()
    _assignment()
    op.add_column("rating", sa.Column("viewing", JSON, nullable=False, server_default="{}"))
    op.add_column("rating", sa.Column("comment", TEXT, nullable=True))
    op.add_column("trial", sa.Column("set_aside_at", MOMENT, nullable=True))
    op.add_column("trial", sa.Column("set_aside_reason", TEXT, nullable=True))


def _invitation() -> None:
    for column in (
        sa.Column("is_curator", db.base.Flag(), nullable=False, server_default=sa.false() if _postgresql() else "0"),
        sa.Column("is_counted", db.base.Flag(), nullable=False, server_default=sa.true() if _postgresql() else "1"),
        sa.Column("consent_version", TEXT, nullable=True),
        sa.Column("consent_sha256", TEXT, nullable=True),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.Column("seen_at", MOMENT, nullable=True),
        sa.Column("questionnaire", JSON, nullable=False, server_default="{}"),
    ):
        op.add_column("invitation", column)
    if _postgresql():
        op.add_column("invitation", sa.Column("outcome", TEXT, nullable=True))
        op.create_check_constraint(op.f("ck_invitation_outcome_known"), "invitation", OUTCOMES)
    else:  # SQLite takes a constraint with its column, and never later
        op.execute(f"ALTER TABLE invitation ADD COLUMN outcome TEXT CONSTRAINT ck_invitation_outcome_known CHECK ({OUTCOMES})")
    op.execute("UPDATE invitation SET outcome = 'completed', ended_at = finished_at WHERE finished_at IS NOT NULL")
    op.execute(f"UPDATE invitation SET is_curator = {'TRUE' if _postgresql() else '1'} WHERE cohort LIKE 'curator: %'")


def _assignment() -> None:
    op.add_column("assignment", sa.Column("name", TEXT, nullable=False, server_default=""))
    name = "md5(random()::text || id::text)" if _postgresql() else "lower(hex(randomblob(12)))"
    op.execute(f"UPDATE assignment SET name = {name}")
    op.create_index("uq_assignment_name", "assignment", ["name"], unique=True)


def _postgresql() -> bool:
    return op.get_bind().dialect.name == "postgresql"


def downgrade() -> None:
    for name in ("set_aside_reason", "set_aside_at"):
        op.drop_column("trial", name)
    for name in ("comment", "viewing"):
        op.drop_column("rating", name)
    op.drop_index("uq_assignment_name", "assignment")
    op.drop_column("assignment", "name")
    for name in ("outcome", "questionnaire", "seen_at", "ended_at", "consent_sha256", "consent_version", "is_counted", "is_curator"):
        op.drop_column("invitation", name)
    op.drop_table("participant")
    op.drop_table("recruitment_link")
