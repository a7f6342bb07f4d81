"""Trials show what differs in one respect only, and what gives no trial is refused."""

import pytest
from sqlalchemy import func, select

from db.models import Stimulus, Trial
from tests.stores import (
    SETTINGS,
    add_study,
    colorize,
    insert_caption,
    insert_checkpoint,
    insert_image,
    open_pair_study,
)
from workbench import studies
from workbench.errors import ConflictError, InvalidInputError, NotFoundError


def test_pairs_differ_in_what_is_compared_and_in_nothing_else(session, media):
    one, two = insert_checkpoint(session, "one"), insert_checkpoint(session, "two")
    insert_caption(session, insert_image(session, media, 0))
    quick = SETTINGS | {"steps": 2}
    made = [
        row.id
        for checkpoint in (one, two)
        for settings in (SETTINGS, quick)
        for row in colorize(session, media, checkpoint, settings=settings, seeds=(0, 1))
    ]

    def pairs(name, between):
        study = add_study(session, name=name)
        count = studies.add_pairs(session, study, made, between=between)
        shown = session.execute(
            select(Stimulus.trial_id, Stimulus.system).join(Trial, Trial.id == Stimulus.trial_id).where(Trial.study_id == study.id)
        )
        by_trial = {}
        for trial_id, system in shown:
            by_trial.setdefault(trial_id, set()).add(system)
        assert len(by_trial) == count
        return count, {frozenset(systems) for systems in by_trial.values()}

    assert pairs("a", ["checkpoint"]) == (4, {frozenset({"one", "two"})})
    count, systems = pairs("b", ["seed"])
    assert (count, systems) == (4, {frozenset({"seed=0", "seed=1"})})
    assert pairs("c", ["checkpoint", "settings"])[0] == 2 * 6
    assert pairs("d", ["checkpoint", "settings", "seed"])[0] == 28


def test_levels_are_compared_without_showing_a_description(session, media):
    checkpoint, image = insert_checkpoint(session), insert_image(session, media, 0)
    insert_caption(session, image, "a red cup", level="complete")
    insert_caption(session, image, "a cup", level="scarce")
    study = add_study(session)
    assert studies.add_pairs(session, study, [row.id for row in colorize(session, media, checkpoint)], between=["level"]) == 1
    trial = session.scalar(select(Trial))
    assert (trial.caption_id, trial.caption_text) == (None, None)
    assert set(session.scalars(select(Stimulus.system))) == {"complete", "scarce"}


def test_a_colorization_meets_its_reference_where_that_has_color(session, media):
    checkpoint = insert_checkpoint(session)
    insert_caption(session, insert_image(session, media, 0))
    insert_caption(session, insert_image(session, media, 1, gray=True))
    made = [row.id for row in colorize(session, media, checkpoint)]
    study = add_study(session)
    assert studies.add_pairs(session, study, made, between=[], reference=True) == 1
    assert studies.add_pairs(session, study, made, between=[], reference=True) == 0
    assert set(session.scalars(select(Stimulus.system))) == {"colorization", "reference"}


def test_sets_show_all_at_once_and_category_studies_one(session, media):
    checkpoints = [insert_checkpoint(session, name) for name in ("one", "two", "three")]
    for number in range(2):
        insert_caption(session, insert_image(session, media, number))
    made = [row.id for checkpoint in checkpoints for row in colorize(session, media, checkpoint)]
    choice, category = add_study(session, "choice", name="choice"), add_study(session, "category", name="category")
    assert studies.add_sets(session, choice, made, reference=True) == 2
    assert session.scalar(select(func.count(Stimulus.id))) == 8
    assert studies.add_sets(session, category, made) == 6
    with pytest.raises(InvalidInputError, match="is a choice study"):
        studies.add_pairs(session, choice, made)


def test_what_gives_no_trial_is_refused(session, media):
    checkpoint = insert_checkpoint(session)
    insert_caption(session, insert_image(session, media, 0))
    [row] = colorize(session, media, checkpoint)
    study = add_study(session)
    with pytest.raises(InvalidInputError, match="give no trial"):
        studies.add_pairs(session, study, [row.id])
    with pytest.raises(InvalidInputError, match='between "taste"'):
        studies.add_pairs(session, study, [row.id], between=["taste"])
    with pytest.raises(NotFoundError, match="no colorization 77"):
        studies.add_pairs(session, study, [row.id, 77])
    with pytest.raises(ConflictError, match="no trials yet"):
        studies.open_study(session, study.id, actor="test")


def test_an_opened_study_takes_no_more_trials(session, media):
    study = open_pair_study(session, media)
    with pytest.raises(ConflictError, match="trials are fixed"):
        studies.add_pairs(session, study, [1, 2])
