"""What changes very many rows does it in many transactions: as one batch, and where it is cut short the same again does the rest."""

import pytest
from sqlalchemy import func, select

from db.enums import ReviewKind
from db.models import Event, Image, Rating, Review, Trial
from db.session import transaction
from tests.stores import colorize, insert_caption, insert_checkpoint, insert_described, insert_image, open_pair_study
from tests.stores.counted_transactions import CountedTransactions
from workbench import images, reviews, studies
from workbench.captions import Edit, bulk_edit
from workbench.errors import ConflictError
from workbench.images import credits as credits_of_images
from workbench.images import deletion
from workbench.rating import votes_csv
from workbench.reviews import rules as review_rules
from workbench.store import events

pytestmark = pytest.mark.slow

RULES = {"name": "all", "rules": [{"verdict": "accept", "when": {"adherence": ">= 0"}}]}


class CutShortError(Exception):
    """Something else that happens to a command."""


@pytest.fixture
def doors(engines):
    return CountedTransactions(engines)


def cut_short():
    raise CutShortError


@pytest.fixture
def colored(doors, media, monkeypatch) -> list[int]:
    """Five colorizations, over which rules go two at a time."""
    monkeypatch.setattr(review_rules, "PART", 2)
    with doors.writing() as session:
        checkpoint = insert_checkpoint(session)
        for number in range(5):
            insert_caption(session, insert_image(session, media, number))
        return [row.id for row in colorize(session, media, checkpoint)]


def given(doors) -> list[tuple[int, ReviewKind]]:
    with doors.reading() as session:
        return [(row.colorization_id, row.kind) for row in session.scalars(select(Review).order_by(Review.colorization_id))]


def test_rules_that_were_cut_short_decide_the_rest_when_they_are_applied_again(doors, colored):
    doors.at = {3: cut_short}
    with pytest.raises(CutShortError):
        reviews.apply_in_parts(RULES, actor="ada", **doors.both)
    assert len(given(doors)) == 2
    doors.at = {}
    assert len(reviews.apply_in_parts(RULES, actor="ada", **doors.both)) == 3
    assert [key for key, _ in given(doors)] == colored


def test_rules_leave_alone_what_a_person_judges_while_they_are_applied(doors, colored):
    def judge():
        with transaction(doors.engines.writer) as session:
            reviews.review(session, colored[3], "reject", reviewer="bob", reason="dull")

    doors.at = {3: judge}
    assert len(reviews.apply_in_parts(RULES, actor="ada", **doors.both)) == 4
    assert (colored[3], ReviewKind.PERSON) in given(doors)
    assert (colored[3], ReviewKind.RULE) not in given(doors)


def test_credits_in_parts_are_undone_as_one_batch(doors, media, monkeypatch):
    monkeypatch.setattr(credits_of_images, "PART", 2)
    with doors.writing() as session:
        keys = [image.id for image in insert_described(session, media, 5)]
    batch, changed = images.credit_in_parts(dict.fromkeys(keys, images.Credit(author="eve")), actor="ada", writing=doors.writing)
    assert changed == 5
    with doors.writing() as session:
        assert events.rollback(session, batch, actor="ada") == 5
        assert set(session.scalars(select(Image.author))) == {None}


def test_images_of_which_one_cannot_be_deleted_any_more_all_stay(doors, media, monkeypatch):
    monkeypatch.setattr(deletion, "PART", 2)
    with doors.writing() as session:
        keys = [image.id for image in insert_described(session, media, 4)]

    def show_one():
        with transaction(doors.engines.writer) as session:
            study = studies.create(session, name="s", question="Which?", method="pair", votes_per_trial=1)
            session.add(Trial(study_id=study.id, position=0, image_id=keys[3], kind="regular"))

    doors.at = {2: show_one}
    with pytest.raises(ConflictError, match="shown in a study"):
        images.remove_in_parts(keys, actor="ada", **doors.both)
    with doors.reading() as session:
        assert list(session.scalars(select(Image.id).order_by(Image.id))) == keys


def test_an_edit_that_was_cut_short_is_a_batch_that_can_be_undone(doors, media, monkeypatch):
    monkeypatch.setattr(bulk_edit, "CHUNK", 2)
    with doors.writing() as session:
        insert_described(session, media, 5)
    doors.at = {2: cut_short}
    with pytest.raises(CutShortError):
        bulk_edit.apply_in_parts(Edit("replace", pattern="cup", replacement="mug"), actor="ada", **doors.both)
    with doors.writing() as session:
        batch = session.scalar(select(Event.batch_id).where(Event.batch_id.is_not(None)))
        assert events.rollback(session, batch, actor="ada") == 2


def test_refused_votes_are_told_by_their_number_in_the_whole_file(doors, media, monkeypatch):
    monkeypatch.setattr(votes_csv, "PART", 2)
    with doors.writing() as session:
        study_id = open_pair_study(session, media, images=3).id
    rows = [{"rater": "r", "trial": trial, "choice": "tie"} for trial in ("0", "99", "1", "2", "98")]
    done = votes_csv.import_in_parts(study_id, rows, actor="ada", writing=doors.writing)
    assert (done.added, [number for number, _ in done.refused]) == (3, [2, 5])
    with doors.reading() as session:
        assert session.scalar(select(func.count(Rating.id))) == 3
