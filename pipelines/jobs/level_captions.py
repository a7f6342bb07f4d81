"""The job that reads captions again and, where asked, proposes the partial and scarce ones that follow from complete ones."""

from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from db.enums import CaptionLevel, CaptionStatus, Origin
from db.models import Caption
from pipelines.worker.job import JobContext, Plan, StepResult, batches_of
from workbench import captions, levels
from workbench.captions import Rewritten, mentions
from workbench.errors import WorkbenchError
from workbench.store import events

BATCH = 50
PAGE = 500


def plan(context: JobContext) -> Plan:
    """The accepted captions of the query."""
    caption_ids: list[int] = []
    with context.store.reading() as session:
        after_id = 0
        while page := captions.find(session, context.parameters["query"], after_id=after_id, limit=PAGE):
            after_id = page[-1].id
            caption_ids += [caption.id for caption in page if caption.status is CaptionStatus.ACCEPTED]
    return Plan(batches_of(caption_ids, BATCH), len(caption_ids))


def step(context: JobContext, batch: list[int]) -> StepResult:
    """Read a batch of captions, and derive from them; proposals that are there already are not added again."""
    tally = StepResult()
    for caption_id in batch:
        context.check()
        try:
            _read_and_derive(context, caption_id)
            tally += StepResult(done=1)
        except WorkbenchError as error:
            context.failed(f"caption {caption_id}", str(error))
            tally += StepResult(failed=1)
    return tally


def _read_and_derive(context: JobContext, caption_id: int) -> None:
    """Read one caption before the transaction, for reading takes longer than writing; where its text changed since, read it anew."""
    derive, variants = context.parameters["derive"], context.parameters["variants"]
    with context.store.reading() as session:
        caption = captions.get(session, caption_id)
    while True:
        text, reading = caption.text, levels.read_caption(caption.text)
        follows = derive and {caption.level, reading.level} != {CaptionLevel.SCARCE}
        proposals = captions.shorter(text, variants) if follows else []
        with context.store.writing() as session:
            caption = captions.get(session, caption_id)
            if caption.text == text:
                _read(context, session, caption, reading)
                if derive and _is_source(caption):
                    captions.derive(session, caption_id, author=context.author, run_id=context.run_id, proposals=proposals)
                return


def _read(context: JobContext, session: Session, caption: Caption, reading: levels.Reading) -> None:
    """Renew a caption's mentions and the level that the rules give it; one that a person or an import gave stays."""
    before = events.snapshot(session, "caption", caption.id)
    again = Rewritten(caption.id, caption.text, caption.text, reading)
    mentions.reread(session, [again], mentions.parts_of(session, [caption.id]))
    caption.computed_level = reading.level
    if caption.level_origin is Origin.RULE:
        caption.level = reading.level
    named = {"actor": context.author, "run_id": context.run_id, "batch_id": events.batch_of_run(context.run_id)}
    events.record_edit(session, before, action="level", subject="caption", subject_id=caption.id, **named)


def _is_source(caption: Caption) -> bool:
    """Whether shorter captions can follow: its level is not the last, and no rule took colors out of it."""
    return caption.level is CaptionLevel.COMPLETE or (caption.level is CaptionLevel.PARTIAL and caption.text_origin is not Origin.RULE)


def finish(context: JobContext, _findings: list[Any]) -> dict[str, Any]:
    """How many proposals the run made."""
    with context.store.reading() as session:
        return {"proposals": session.scalar(select(func.count(Caption.id)).where(Caption.run_id == context.run_id))}
