"""The metrics of checkpoints, as the evaluation job left them."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.models import Evaluation


def of_checkpoint(session: Session, checkpoint_id: int) -> list[Evaluation]:
    """All evaluations of a checkpoint, newest first."""
    return list(session.scalars(select(Evaluation).where(Evaluation.checkpoint_id == checkpoint_id).order_by(Evaluation.id.desc())))
