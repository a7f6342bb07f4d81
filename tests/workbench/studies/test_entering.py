"""A study is entered in parts that nobody sees before it is whole; what is cut short leaves nothing that anybody meets."""

from contextlib import contextmanager
from datetime import timedelta

import pytest
from sqlalchemy import delete, func, select, update

from db.base import now
from db.enums import TrialKind
from db.models import Colorization, Event, Stimulus, Study, Trial
from db.session import transaction
from tests.stores import colorize, insert_caption, insert_checkpoint, insert_image, migrated
from tests.stores.counted_transactions import CountedTransactions
from tests.workbench.studies.drafts import HEAD
from workbench import api, studies
from workbench.errors import ConflictError, NotFoundError
from workbench.studies import build, design_io, entering

PART, IMAGES = 3, 8
DESIGN = HEAD.format("pair") + "design: {training: 2, gold: false, trap: false}\nstimuli: {between: [checkpoint]}"


class KilledError(BaseException):
    """Nobody catches it, as nobody catches a kill."""


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=[pytest.mark.postgres, pytest.mark.slow])])
def doors(request, media, monkeypatch) -> CountedTransactions:
    """A store of eight images that two checkpoints have colorized, into which studies are entered three trials at a time."""
    monkeypatch.setattr(entering, "PART", PART)
    with contextmanager(_engines)(request) as engines:
        with transaction(engines.writer) as session:
            for number in range(IMAGES):
                insert_caption(session, insert_image(session, media, number))
            for name in ("one", "two"):
                colorize(session, media, insert_checkpoint(session, name))
        yield CountedTransactions(engines)


def _engines(request):
    if request.param == "sqlite":
        yield request.getfixturevalue("engines")
        return
    with migrated(request.getfixturevalue("postgres_url")) as engines:
        yield engines


def enter(doors, media, text=DESIGN):
    design = design_io.read(text)
    with doors.reading() as session:
        pictured = build.picture(session, media, design)
    return studies.enter(design, pictured, author="ada", **doors.both)


def counts(doors) -> tuple[int, ...]:
    """Rows of studies, trials, stimuli and events of both."""
    of_studies = select(func.count()).select_from(Event).where(Event.subject.in_(["study", "trial"]))
    with doors.reading() as session:
        return (
            *(session.scalar(select(func.count()).select_from(table)) for table in (Study, Trial, Stimulus)),
            session.scalar(of_studies),
        )


def shown(doors, study_id: int) -> list[tuple]:
    """What a study shows, trial by trial."""
    statement = select(Trial.position, Trial.kind, Trial.caption_text, Stimulus.position, Stimulus.system, Stimulus.media_key)
    with doors.reading() as session:
        rows = session.execute(statement.join(Stimulus).where(Trial.study_id == study_id).order_by(Trial.position, Stimulus.id))
        return [tuple(row) for row in rows]


def kill() -> None:
    raise KilledError


def killed(doors, media, monkeypatch) -> None:
    """Begin to enter a study, and be killed in the middle: not even what cleans up is carried out."""
    with monkeypatch.context() as patched:
        patched.setattr(entering, "_discard", lambda *_: None)
        doors.at = {4: kill}
        with pytest.raises(KilledError):
            enter(doors, media)
    doors.at = {}


def test_a_study_is_seen_by_nobody_before_its_last_part(doors, media):
    seen = []

    def look():
        with doors.reading() as session:
            listed = [*studies.listing(session), *api.record_rows.studies(session, "", None, 9)]
            study_id = session.scalar(select(Study.id))
            with pytest.raises(NotFoundError, match="being entered"):
                studies.get(session, study_id)
            with pytest.raises(NotFoundError, match="there are: none yet"):
                studies.by_name(session, "pair")
            seen.append((listed, session.scalar(select(func.count()).select_from(Trial))))

    doors.at = dict.fromkeys(range(3, 7), look)
    made = enter(doors, media)
    assert seen == [([], 0), ([], 3), ([], 6), ([], 9)]
    with doors.reading() as session:
        assert [study.id for study in studies.listing(session)] == [made.study.id]
        assert studies.by_name(session, "pair").entering_at is None


def test_a_study_in_parts_is_the_one_that_a_single_transaction_makes(doors, media):
    made = enter(doors, media)
    assert doors.opened > 4
    design = design_io.read(DESIGN)
    in_parts = (shown(doors, made.study.id), counts(doors))
    with transaction(doors.engines.writer) as session:
        session.execute(delete(Study))
        session.execute(delete(Event).where(Event.subject.in_(["study", "trial"])))
        whole = build.draft(session, media, design, author="ada")
    assert (shown(doors, whole.study.id), counts(doors)) == in_parts
    assert (made.trials, made.training) == (whole.trials, whole.training) == (IMAGES, 2)
    assert design_io.of_study(made.study) == design


def test_a_killed_entering_is_nowhere_to_be_seen_and_the_next_one_makes_the_study(doors, media, monkeypatch):
    killed(doors, media, monkeypatch)
    assert counts(doors)[:2] == (1, 3)
    with doors.reading() as session:
        assert studies.listing(session) == studies.abandoned(session) == []
    assert enter(doors, media).trials == IMAGES


def test_what_a_killed_entering_left_is_cleared_away_by_the_next_one(doors, media, monkeypatch):
    killed(doors, media, monkeypatch)
    with transaction(doors.engines.writer) as session:
        session.execute(update(Study).values(entering_at=now() - entering.ABANDONED - timedelta(seconds=1)))
    with doors.reading() as session:
        assert [study.name.partition(" · ")[0] for study in studies.abandoned(session)] == ["pair"]
    enter(doors, media)
    assert counts(doors)[0] == 1
    enter(doors, media, DESIGN.replace("name: pair", "name: other"))
    assert counts(doors) == (2, 2 * (IMAGES + 2), 4 * (IMAGES + 2), 2 * (IMAGES + 3))


def test_an_error_in_the_middle_leaves_nothing(doors, media):
    doors.at = {5: kill}
    with pytest.raises(KilledError):
        enter(doors, media)
    assert counts(doors) == (0, 0, 0, 0)


def test_one_whose_name_is_taken_between_its_parts_is_refused_and_leaves_nothing(doors, media):
    def overtake():
        with transaction(doors.engines.writer) as session:
            build.draft(session, media, design_io.read(DESIGN), author="bo")

    doors.at = {5: overtake}
    with pytest.raises(ConflictError, match="already"):
        enter(doors, media)
    assert counts(doors)[:2] == (1, IMAGES + 2)


@pytest.mark.parametrize("part", [3, 5])
def test_a_colorization_that_is_gone_meanwhile_refuses_the_study(doors, media, part):
    def remove():
        with transaction(doors.engines.writer) as session:
            free = select(Colorization.id).where(
                Colorization.id.not_in(select(Stimulus.colorization_id).where(Stimulus.colorization_id > 0))
            )
            session.execute(delete(Colorization).where(Colorization.id == session.scalar(free.order_by(Colorization.id.desc()))))

    doors.at = {part: remove}
    with pytest.raises(ConflictError, match="was removed"):
        enter(doors, media)
    assert counts(doors) == (0, 0, 0, 0)


def test_a_trial_that_is_undone_between_parts_refuses_the_study(doors, media):
    def undo():
        with transaction(doors.engines.writer) as session:
            session.execute(delete(Trial).where(Trial.kind == TrialKind.REGULAR, Trial.position == 0))

    doors.at = {4: undo}
    with pytest.raises(ConflictError, match="removed while"):
        enter(doors, media)
    assert counts(doors)[:3] == (0, 0, 0)
