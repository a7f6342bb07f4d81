"""Simulated raters are marked as such, answer the same way again, and prefer higher adherence."""

import pytest
from sqlalchemy import select

from db.enums import RegionOrigin
from db.models import Checkpoint, Colorization, Rater, Rating, Stimulus
from pipelines.demo import simulated_raters
from workbench import studies
from workbench.rating.results import study_results
from workbench.reviews import facts_of
from workbench.studies import trials

pytestmark = pytest.mark.slow


BETTER, WORSE = 0.95, 0.05


@pytest.fixture
def study(store, library):
    """An open pair study of ten images, each colored well once and badly once."""
    library(10)
    with store.writing() as session:
        session.add(Checkpoint(name="any", location="nowhere", digest="0" * 64))
        session.flush()
        for number in range(10):
            for seed, adherence in ((0, BETTER), (1, WORSE)):
                session.add(_colorization(number, seed, adherence))
        session.flush()
        made = studies.create(session, name="pairs", question="Which?", method="pair", votes_per_trial=6, author="tester")
        trials.add_pairs(session, made, list(session.scalars(select(Colorization.id))), between=("seed",))
        return studies.open_study(session, made.id, actor="tester")


def _colorization(number: int, seed: int, adherence: float) -> Colorization:
    return Colorization(
        key=f"{number}-{seed}", image_id=number + 1, caption_id=3 * number + 1, checkpoint_id=1, caption_text="a red cup",
        settings={}, seed=seed, media_key=f"{number}{seed}", seconds=1.0, adherence=adherence,
    )  # fmt: skip


def test_adherence_in_the_masks_that_steered_persuades_nobody(store, study):
    with store.writing() as session:
        known = {stimulus.colorization_id: stimulus.id for stimulus in session.scalars(select(Stimulus))}
        row = session.scalar(select(Colorization).where(Colorization.adherence == BETTER).limit(1))
        assert simulated_raters._adherence(session, known[row.id]) == BETTER
        row.facts = facts_of([RegionOrigin.SAM], steered=True)
        assert simulated_raters._adherence(session, known[row.id]) == simulated_raters.UNKNOWN


@pytest.mark.slow
def test_they_answer_all_trials_prefer_adherence_and_are_marked(store, study):
    with store.writing() as session:
        raters = simulated_raters.invite(session, study, 6, actor="tester")
        votes = 0
        for rater_id in raters:
            while simulated_raters.answer_next(session, study, rater_id):
                votes += 1
    assert votes == 60
    with store.reading() as session:
        assert {rater.simulated for rater in session.scalars(select(Rater))} == {True}
        assert {rating.seconds for rating in session.scalars(select(Rating))} == {None}
        results = study_results(session, study.id)
    assert results.simulated == 1.0
    best = max(results.systems, key=lambda system: system["strength"])
    assert best["wins"] > 0.7 * 60, "54 are expected with a deviation of 2.4: ties are one in ten"
