"""Studies and their ratings."""

from datetime import timedelta

from db.base import now
from db.enums import StudyStatus
from db.models import Rating, Stimulus
from tests.stores.colorized import colorize, insert_checkpoint
from tests.stores.inserted import insert_caption, insert_image
from workbench import studies
from workbench.rating import next_trial, ratings


def open_pair_study(session, media, *, images=3, votes_per_trial=2, name="pairs", design=None, seed=0):
    """An open pair study of two checkpoints over a few images; one trial an image."""
    one, two = insert_checkpoint(session, "one"), insert_checkpoint(session, "two")
    for number in range(images):
        insert_caption(session, insert_image(session, media, number))
    made = [*colorize(session, media, one), *colorize(session, media, two)]
    study = studies.create(
        session,
        name=name,
        question="Which one fits the description?",
        method="pair",
        votes_per_trial=votes_per_trial,
        design=design,
        seed=seed,
    )
    studies.add_pairs(session, study, [row.id for row in made])
    return studies.open_study(session, study.id, actor="test")


def vote_until_done(session, study, rater_id, choose) -> list[Rating]:
    """Let a rater answer everything; `choose(view, systems)` gets {stimulus id: system} and returns a choice."""
    assert study.status is StudyStatus.OPEN
    answers = []
    while (view := next_trial(session, study.id, rater_id)) is not None:
        choice, shown = choose(view, systems_of(session, view)), now() - timedelta(seconds=2)
        answers.append(ratings.rate(session, view.trial_id, rater_id, choice, seconds=2.0, shown_at=shown))
    return answers


def systems_of(session, view) -> dict[int, str]:
    """The system of each stimulus on show."""
    return {stimulus.id: session.get(Stimulus, stimulus.id).system for stimulus in view.stimuli}


def preferring(word):
    """Choose the system whose name holds a word."""
    return lambda _view, systems: next(key for key, system in systems.items() if word in system)


def add_study(session, method="pair", **options):
    """A draft that nobody was invited to yet."""
    return studies.create(session, method=method, **({"name": "draft", "question": "Which?", "votes_per_trial": 1} | options))
