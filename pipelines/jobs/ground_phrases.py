"""The job that finds masks for the mentions of captions.

Images whose masks a person drew, an import brought or a composition made are left alone: there a mention is only tied to the region
that carries its object's name. Elsewhere a mention takes the region that an earlier caption gave its object; for a new object the
model says where it looks for the phrase, and segment-anything, or GrabCut where its weights are absent, turns that into a mask: a
proposal, which a person can correct.
"""

from collections import Counter
from typing import Any

import numpy as np
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from db.enums import CaptionStatus, FoundBy, Origin, RegionOrigin
from db.models import Caption, Grounding, Mention, Region, Run
from lcad.grounding import MaskProposal, propose_masks
from pipelines.inference import loaded_models
from pipelines.worker.job import JobContext, Plan, StepResult, batches_of
from workbench import captions, images, regions, runs
from workbench.colorizations import checkpoints
from workbench.errors import WorkbenchError
from workbench.regions import GroundedMention, interactive_segmentation

BATCH = 4
PAGE = 500
EXACT = (RegionOrigin.HUMAN, RegionOrigin.COMPOSED, RegionOrigin.IMPORTED)
ORIGINS = {"segment-anything": RegionOrigin.SAM, "grabcut": RegionOrigin.GRABCUT}
LARGEST = 0.95
"""A mask over more of the picture than this says nothing."""


def plan(context: JobContext) -> Plan:
    """The accepted captions of the query that mention an object without a region."""
    with context.store.writing() as session:
        checkpoint = checkpoints.named(session, context.parameters["checkpoint"])
    caption_ids: list[int] = []
    with context.store.reading() as session:
        after_id = 0
        while page := captions.find(session, context.parameters["query"], after_id=after_id, limit=PAGE):
            after_id = page[-1].id
            accepted = [caption.id for caption in page if caption.status is CaptionStatus.ACCEPTED]
            caption_ids += sorted(session.scalars(_ungrounded().where(Caption.id.in_(accepted))))
    return Plan([{"checkpoint_id": checkpoint.id, "captions": batch} for batch in batches_of(caption_ids, BATCH)], len(caption_ids))


def _ungrounded():
    return (
        select(Caption.id)
        .join(Mention, Mention.caption_id == Caption.id)
        .outerjoin(Grounding, Grounding.mention_id == Mention.id)
        .where(Grounding.region_id.is_(None))
        .distinct()
    )


def step(context: JobContext, batch: dict[str, Any]) -> StepResult:
    """Ground the mentions of a batch of captions."""
    tally = StepResult()
    for caption_id in batch["captions"]:
        context.check()
        try:
            tally += _ground_caption(context, caption_id, batch["checkpoint_id"])
        except (WorkbenchError, ValueError) as error:
            context.failed(f"caption {caption_id}", str(error))
            tally += StepResult(failed=1)
        context.report(tally)
    return tally


def _ground_caption(context: JobContext, caption_id: int, checkpoint_id: int) -> StepResult:
    with context.store.writing() as session:
        caption = captions.get(session, caption_id)
        image = images.get(session, caption.image_id)
        mentions = regions.for_caption(session, caption_id)
        open_mentions = [mention for mention in mentions if not mention.regions]
        if not open_mentions:  # this step was interrupted after it had grounded them
            return StepResult(done=1)
        existing = list(session.scalars(select(Region).where(Region.image_id == image.id).order_by(Region.id)))
        clicked = set(
            session.scalars(
                select(Run.id).where(Run.job == interactive_segmentation.JOB, Run.id.in_([region.run_id for region in existing]))
            )
        )
        exact = [region for region in existing if region.origin in EXACT or region.run_id in clicked]
        tied = _tie_by_name(context, session, mentions, exact or existing)
        if exact:
            return _of_exact(context, session, caption, exact, len(tied))
        checkpoint = checkpoints.get(session, checkpoint_id)
    open_mentions = [mention for mention in open_mentions if mention.mention.id not in tied]
    if open_mentions:
        spans = [(mention.mention.start, mention.mention.end) for mention in open_mentions]
        rgb = images.upright_rgb(context.store.media, image)
        proposals = propose_masks(
            loaded_models.pipeline_of(checkpoint), rgb, caption.text, spans, loaded_models.predictor_of(context.store.settings)
        )
        for mention, proposal in zip(open_mentions, proposals, strict=True):
            _keep(context, caption, mention, proposal)
    return StepResult(done=1, findings=[{"tied": len(tied)}])


def _tie_by_name(context: JobContext, session: Session, mentions: list[GroundedMention], existing: list[Region]) -> set[int]:
    """Tie open mentions to the regions that carry their object's name; return the mentions' ids.

    A name that comes twice, in the caption or among proposals, says not which is meant: it is left open.
    """
    objects = Counter(mention.mention.object for mention in mentions)
    labels = Counter(region.label.lower() for region in existing)
    tied = set()
    for mention in mentions:
        name = mention.mention.object
        if mention.regions or objects[name] > 1 or labels[name] != 1:
            continue
        region = next(region for region in existing if region.label.lower() == name)
        regions.ground(session, mention.mention.id, region.id, origin=Origin.RULE, actor=context.author, run_id=context.run_id)
        tied.add(mention.mention.id)
    return tied


def _of_exact(context: JobContext, session: Session, caption: Caption, exact: list[Region], tied: int) -> StepResult:
    """The tally of a caption whose image has exact masks; where none fits, a person has to say which is meant."""
    if tied:
        return StepResult(done=1, findings=[{"tied": tied}])
    names = ", ".join(sorted({region.label for region in exact}))
    reason = f"The image has masks of its own ({names}), but none that an object here is surely; tie them by hand."
    runs.item_skipped(session, context.run_id, f"caption {caption.id}", reason)
    return StepResult(skipped=1)


def _keep(context: JobContext, caption: Caption, mention: GroundedMention, proposal: MaskProposal) -> None:
    """Store a proposed mask and its grounding; a mask of nothing or of everything is passed over with its reason."""
    share = float(np.mean(proposal.mask))
    if not 0 < share <= LARGEST:
        reason = "The model looks nowhere in particular for it; draw its mask by hand."
        context.skipped(f"caption {caption.id} · {mention.phrase}", reason)
        return
    author, run = context.author, context.run_id
    with context.store.writing() as session:
        region = regions.add(
            session,
            caption.image_id,
            proposal.mask,
            origin=ORIGINS[proposal.origin],
            found_by=FoundBy(proposal.found_by),
            label=mention.mention.object,
            score=proposal.score,
            author=author,
            run_id=run,
        )
        regions.ground(session, mention.mention.id, region.id, origin=Origin.MODEL, actor=author, run_id=run)


def finish(context: JobContext, findings: list[dict[str, int]]) -> dict[str, Any]:
    """How many regions the run drew, and how many mentions it tied to regions that were there."""
    with context.store.reading() as session:
        drawn = session.scalar(select(func.count(Region.id)).where(Region.run_id == context.run_id))
    return {"regions": drawn, "tied": sum(counts.get("tied", 0) for counts in findings)}
