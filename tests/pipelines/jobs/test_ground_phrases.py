"""Grounding proposes masks where there are none, and leaves exact ones alone."""

import numpy as np
import pytest
from sqlalchemy import delete, select

from db.enums import Origin, RegionOrigin, RunStatus
from db.models import Grounding, Mention, Region
from workbench import captions, runs
from workbench.imaging import masks

pytestmark = pytest.mark.model


def everything(store) -> tuple[list[Region], list[Grounding]]:
    with store.reading() as session:
        return list(session.scalars(select(Region).order_by(Region.id))), list(session.scalars(select(Grounding)))


@pytest.mark.slow
def test_mentions_without_masks_get_proposals_of_the_model_once(store, library, tiny, carry_out):
    library(1)
    with store.writing() as session:
        session.execute(delete(Grounding))
        session.execute(delete(Region))
    run = carry_out("ground_phrases", checkpoint=tiny, query="level:complete")
    assert run.status is RunStatus.DONE, run.message
    assert run.total == 1
    drawn, groundings = everything(store)
    assert run.summary == {"regions": len(drawn), "tied": 0}
    assert 0 < len(drawn) <= 2
    assert {region.origin for region in drawn} == {RegionOrigin.GRABCUT}
    assert {region.label for region in drawn} <= {"cup", "table"}
    assert all(0 <= region.score <= 1 and masks.decode(region.mask).shape == (40, 48) for region in drawn)
    assert {grounding.origin for grounding in groundings} == {Origin.MODEL}
    carry_out("ground_phrases", checkpoint=tiny, query="level:complete")
    assert [region.id for region in everything(store)[0]] == [region.id for region in drawn]


@pytest.mark.slow
def test_captions_of_one_image_share_the_region_of_one_object(store, library, tiny, carry_out):
    library(1)
    with store.writing() as session:
        session.execute(delete(Grounding))
        session.execute(delete(Region))
    carry_out("ground_phrases", checkpoint=tiny)
    drawn, groundings = everything(store)
    assert len({region.label for region in drawn}) == len(drawn) <= 2
    assert len(groundings) == 3 * len(drawn)


def test_a_step_that_is_repeated_after_an_interruption_adds_nothing(store, library, tiny):
    from pipelines.jobs import ground_phrases
    from pipelines.worker.job import JobContext

    library(1)
    before = everything(store)
    with store.writing() as session:
        run = runs.create(session, "ground_phrases", {"checkpoint": tiny}, requested_by="tester")
        runs.start(session, run.id)
    context = JobContext(store, run.id, run.job, run.parameters, "tester")
    tally = ground_phrases.step(context, {"checkpoint_id": 1, "captions": [1, 2, 3]})
    assert (tally.done, tally.failed, tally.skipped) == (3, 0, 0)
    assert [len(rows) for rows in everything(store)] == [len(rows) for rows in before]


def test_exact_masks_are_only_tied_by_name(store, library, tiny, carry_out):
    (image_id,) = library(1)
    with store.writing() as session:
        captions.add(session, image_id, "a red cup beside a table", text_origin=Origin.HUMAN, author="tester")
        captions.add(session, image_id, "a dog", text_origin=Origin.HUMAN, author="tester")
    before = everything(store)
    run = carry_out("ground_phrases", checkpoint=tiny)
    after = everything(store)
    assert (run.done, run.skipped) == (1, 1)
    assert run.summary == {"regions": 0, "tied": 2}
    assert [region.id for region in after[0]] == [region.id for region in before[0]]
    assert len(after[1]) == len(before[1]) + 2
    with store.reading() as session:
        (item,) = runs.items(session, run.id)
        labels = session.execute(
            select(Mention.object, Region.label)
            .join(Grounding, Grounding.mention_id == Mention.id)
            .join(Region, Region.id == Grounding.region_id)
            .where(Grounding.origin == Origin.RULE)
        ).all()
    assert "cup, table" in item.reason
    assert {tuple(row) for row in labels} == {("cup", "cup"), ("table", "table")}


def test_a_mask_of_nothing_is_passed_over_with_its_reason(store, library, tiny, carry_out, monkeypatch):
    from lcad.grounding import MaskProposal
    from pipelines.jobs import ground_phrases

    def sees_nothing(_pipeline, image, _caption, phrases, _predictor):
        return [MaskProposal(phrase, np.zeros(image.shape[:2], bool), 0.0, "grabcut", "attention") for phrase in phrases]

    monkeypatch.setattr(ground_phrases, "propose_masks", sees_nothing)
    library(1)
    with store.writing() as session:
        session.execute(delete(Grounding))
        session.execute(delete(Region))
    run = carry_out("ground_phrases", checkpoint=tiny, query="level:complete")
    with store.reading() as session:
        reasons = {item.reason for item in runs.items(session, run.id)}
    assert reasons == {"The model looks nowhere in particular for it; draw its mask by hand."}
    assert everything(store) == ([], [])


def test_segment_anything_weights_that_are_named_but_absent_fail_the_run(store, library, tiny, carry_out, monkeypatch, tmp_path):
    monkeypatch.setenv("WORKBENCH_SAM_WEIGHTS", str(tmp_path / "sam.pth"))
    library(1)
    with store.writing() as session:
        session.execute(delete(Region))
    run = carry_out("ground_phrases", checkpoint=tiny, query="level:complete")
    assert run.failed == 1
    with store.reading() as session:
        assert "Segment-anything cannot be loaded" in runs.items(session, run.id)[0].reason
