"""The rooms from colorizations to exports on a real PostgreSQL: the same code, the same rules, with real concurrency."""

import threading

import pytest
from sqlalchemy import func, select

from db.models import Colorization, Image, Rating
from db.session import transaction
from tests.pictures import png
from tests.stores import (
    SETTINGS,
    colorize,
    insert_caption,
    insert_checkpoint,
    insert_duplicate,
    insert_grounding,
    insert_image,
    migrated,
    open_pair_study,
    preferring,
    vote_until_done,
)
from workbench import colorizations, exports, releases, reviews, studies
from workbench.errors import AlreadyRatedError
from workbench.rating import next_trial, ratings
from workbench.rating.results import study_results
from workbench.reviews import queue

pytestmark = [pytest.mark.postgres, pytest.mark.slow]


@pytest.fixture
def engines(postgres_url):
    """The engines of a fresh store on PostgreSQL."""
    with migrated(postgres_url) as engines:
        yield engines


def at_once(work, arguments):
    """Call `work` with each argument in a thread of its own; the errors that came of it."""
    errors = []

    def guarded(argument):
        try:
            work(argument)
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=guarded, args=(argument,)) for argument in arguments]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return errors


@pytest.mark.slow
def test_the_loop_from_votes_to_files(engines, media, tmp_path):
    with transaction(engines.writer) as session:
        study = open_pair_study(session, media, images=4, votes_per_trial=2)
        insert_duplicate(session, *session.scalars(select(Image).order_by(Image.id).limit(2)))
        for rater, _ in studies.invite(session, study.id, 2, simulated=True):
            vote_until_done(session, study, rater.id, preferring("one"))
        assert study_results(session, study.id).simulated == 1.0
        assert study_results(session, study.id, simulated=False).votes == 0
        rules = {"name": "votes", "simulated_votes": True, "rules": [{"verdict": "accept", "when": {"win_rate": "> 0.5"}}]}
        assert len(reviews.apply_rules(session, rules, actor="ada", apply=True)) == 4
        assert [queued.votes for queued in queue.queue(session, limit=9)] == [2] * 4
        insert_caption(session, insert_image(session, media, 50, gray=True))
        colorize(session, media, insert_checkpoint(session, "three"))
        release = releases.create(session, media, name="set", author="ada", rules={"target": "colorization"})
        assert releases.verify(session, media, release.id) == []
        assert releases.create(session, media, name="set", author="ada", rules={"target": "colorization"}) is release
        export = exports.write(session, media, release.id, "imagefolder", tmp_path / "out")
        assert export.files == len([path for path in (tmp_path / "out").rglob("*") if path.is_file()])
        assert sum(releases.summary(session, release.id).excluded.values()) == 1


@pytest.mark.slow
def test_raters_at_once_fill_every_trial_exactly_and_no_vote_counts_twice(engines, media):
    with transaction(engines.writer) as session:
        study_id = open_pair_study(session, media, images=5, votes_per_trial=3).id
        raters = [rater.id for rater, _ in studies.invite(session, study_id, 6)]

    def vote(rater_id):
        while True:
            with transaction(engines.writer) as session:
                view = next_trial(session, study_id, rater_id)
            if view is None:
                return
            with transaction(engines.writer) as session:
                ratings.rate(session, view.trial_id, rater_id, view.stimuli[0].id)

    assert at_once(vote, raters) == []
    with transaction(engines.reader) as session:
        assert sorted(session.scalars(select(func.count(Rating.id)).group_by(Rating.trial_id))) == [3] * 5


@pytest.mark.slow
def test_a_double_key_press_is_one_vote(engines, media):
    with transaction(engines.writer) as session:
        study_id = open_pair_study(session, media, images=1).id
        [(rater, _)] = studies.invite(session, study_id, 1)
        view = next_trial(session, study_id, rater.id)

    def press(_):
        with transaction(engines.writer) as session:
            ratings.rate(session, view.trial_id, rater.id, view.stimuli[0].id)

    errors = at_once(press, range(5))
    assert [type(error) for error in errors] == [AlreadyRatedError] * 4


@pytest.mark.slow
def test_workers_that_store_the_same_request_at_once_make_one_row(engines, media):
    with transaction(engines.writer) as session:
        checkpoint = insert_checkpoint(session)
        insert_grounding(session, insert_caption(session, insert_image(session, media, 0)))
        [request] = colorizations.pending(session, checkpoint_id=checkpoint.id, settings=SETTINGS)

    def work(_):
        with transaction(engines.writer) as session:
            content = png(5, width=8, height=6)
            colorizations.store(session, media, request, content, checkpoint_id=checkpoint.id, settings=SETTINGS, seconds=0.1)

    assert at_once(work, range(6)) == []
    with transaction(engines.reader) as session:
        assert session.scalar(select(func.count(Colorization.id))) == 1
