"""What each role may do, at the services and under them: a session that acts for somebody writes what their role may write."""

import pytest
from sqlalchemy import delete, insert, select, text, update

from db.base import Base
from db.enums import Origin, Role
from db.models import Caption, Colorization, Event, Image, ImageTag, Person, Study
from db.session import transaction
from tests.stores import add_image, opened, square
from workbench import access, captions, images, regions, reviews, runs, studies
from workbench.access import Access, roles
from workbench.colorizations import checkpoints
from workbench.errors import NotAllowedError
from workbench.images import deletion
from workbench.search import saved_views
from workbench.store import events
from workbench.studies import raters
from workbench.vision_language import endpoint

ACTOR = "ann@example.org"


@pytest.fixture(scope="module")
def place(filled_once, tmp_path_factory):
    """Engines and media of a filled store that no test of this module keeps a change of."""
    with opened(filled_once.copied(tmp_path_factory.mktemp("roles") / "home")) as (engines, media):
        with transaction(engines.writer) as session:
            add_image(session, media, seed=7)  # no study shows it
        yield engines, media


class UndoneError(Exception):
    """Ends a transaction without a trace."""


def image_of(session) -> Image:
    return session.scalars(select(Image).order_by(Image.id)).first()


def first(session, table) -> int:
    return session.scalar(select(table.id).order_by(table.id).limit(1))


def _describe(session, _media):
    captions.add(session, first(session, Image), "a green lamp over a box", text_origin=Origin.HUMAN, author=ACTOR)


def _edit(session, _media):
    captions.edit(session, first(session, Caption), "a scarlet box in front of a wall", actor=ACTOR)


def _undo(session, media):
    _tag(session, media)
    events.undo(session, events.newest(session), actor=ACTOR)


def _tag(session, _media):
    images.tag(session, [first(session, Image)], "night", actor=ACTOR)


def _draw(session, _media):
    image = image_of(session)
    regions.remove(session, regions.of_image(session, image.id)[0].region.id, actor=ACTOR)


def _keep_a_view(session, _media):
    saved_views.save(session, "red ones", "color:red", actor=ACTOR)


def _ask_for(job, **parameters):
    def ask(session, _media):
        runs.create(session, job, parameters, requested_by=ACTOR)

    return ask


def _cancel_own(session, media):
    _ask_for("read_picture", image_id=1)(session, media)
    runs.cancel(session, runs.listing(session)[0].id, actor=ACTOR)


def _review(session, _media):
    reviews.review(session, first(session, Colorization), "accept", reviewer=ACTOR)


def _close(session, _media):
    studies.close(session, first(session, Study), actor=ACTOR)


def _invite(session, _media):
    raters.invite(session, first(session, Study), 1, actor=ACTOR)


def _delete(session, _media):
    deletion.remove(session, [session.scalar(select(Image.id).order_by(Image.id.desc()).limit(1))], actor=ACTOR)


def _promote(session, _media):
    checkpoints.promote(session, checkpoints.listing(session)[0].id, actor=ACTOR)


def _choose_a_server(session, _media):
    endpoint.keep(session, endpoint.Endpoint("http://127.0.0.1:1/v1", "m", "Describe."), actor=ACTOR)


def _grant(session, _media):
    access.grant(session, "bob@example.org", Role.VIEWER, actor=ACTOR)


ACTIONS = {
    "look": (Role.VIEWER, lambda session, _media: captions.find(session, "red")),
    "describe": (Role.ANNOTATOR, _describe),
    "edit a caption": (Role.ANNOTATOR, _edit),
    "undo": (Role.ANNOTATOR, _undo),
    "tag": (Role.ANNOTATOR, _tag),
    "remove a mask": (Role.ANNOTATOR, _draw),
    "draw a mask": (Role.ANNOTATOR, lambda session, _media: regions.add(
        session, image_of(session).id, square(image_of(session)), origin="human", author=ACTOR)),
    "keep a view": (Role.ANNOTATOR, _keep_a_view),
    "click": (Role.ANNOTATOR, _ask_for("read_picture", image_id=1)),
    "try colors": (Role.ANNOTATOR, _ask_for("try_colors", picture="aa", captions={"complete": "a red box"})),
    "cancel what one asked for": (Role.ANNOTATOR, _cancel_own),
    "import": (Role.CURATOR, _ask_for("import_images", paths=["x"])),
    "colorize": (Role.CURATOR, _ask_for("colorize_images")),
    "edit many captions": (Role.CURATOR, _ask_for("edit_captions", kind="replace")),
    "export": (Role.CURATOR, _ask_for("export_release", release_id=1)),
    "review": (Role.CURATOR, _review),
    "close a study": (Role.CURATOR, _close),
    "invite": (Role.CURATOR, _invite),
    "delete an image": (Role.CURATOR, _delete),
    "promote a checkpoint": (Role.CURATOR, _promote),
    "choose a server": (Role.ADMIN, _choose_a_server),
    "say who may do what": (Role.ADMIN, _grant),
}  # fmt: skip


def attempt(place, role, act) -> Exception | None:
    """What comes of an action in a session that acts with a role; nothing of it is kept."""
    engines, media = place
    try:
        with transaction(engines.writer) as session:
            access.act_as(session, Access(ACTOR, role))
            act(session, media)
            session.flush()
            raise UndoneError
    except UndoneError:
        return None
    except NotAllowedError as refusal:
        return refusal


@pytest.mark.slow
@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.parametrize("role", roles.ORDER)
def test_each_role_may_do_what_it_may_and_is_told_what_to_ask_for(place, role, action):
    needed, act = ACTIONS[action]
    refusal = attempt(place, role, act)
    if roles.is_enough(role, needed):
        assert refusal is None
    else:
        assert str(refusal) == f"{roles.HAS[role]}: ask an admin for the role of {needed.value}."


def test_who_has_no_role_may_not_even_look(place):
    refusal = attempt(place, None, lambda session, _media: captions.find(session, ""))
    assert str(refusal) == "You have no role in this project: ask an admin for the role of viewer."


def test_a_viewers_sentence_says_what_they_may_and_whom_to_ask(place):
    assert str(attempt(place, Role.VIEWER, _tag)) == (
        "You may look at this project but not change it: ask an admin for the role of annotator."
    )


@pytest.mark.parametrize(
    "statement",
    [
        insert(ImageTag).values(image_id=1, tag="x"),
        update(Image).values(source="y"),
        delete(Caption),
        insert(Image).from_select(["id"], select(Image.id)),
    ],
    ids=["insert", "update", "delete", "insert from select"],
)
def test_no_statement_passes_by_the_services(place, statement):
    def both(session, _media):
        with pytest.raises(NotAllowedError):
            session.execute(statement)
        session.connection().execute(statement)

    assert isinstance(attempt(place, Role.VIEWER, both), NotAllowedError)


def test_a_savepoint_is_guarded_as_well(place):
    def nested(session, _media):
        with session.begin_nested():
            session.add(ImageTag(image_id=1, tag="x"))

    assert isinstance(attempt(place, Role.VIEWER, nested), NotAllowedError)


def test_every_table_says_who_may_write_to_it():
    assert set(roles.TABLES) == set(Base.metadata.tables)


def test_a_change_bears_the_name_of_who_acts(place):
    with pytest.raises(ValueError, match=r"expected a change by ann@example.org, got one in the name of eve"):
        attempt(place, Role.CURATOR, lambda session, _media: images.tag(session, [1], "night", actor="eve"))


def test_a_session_for_nobody_in_particular_may_do_everything(place):
    engines, media = place
    with transaction(engines.writer) as session:
        _choose_a_server(session, media)
        assert access.access_of(session) is None
        session.rollback()


def test_the_next_session_of_the_same_engine_is_free_again(place):
    attempt(place, Role.VIEWER, _tag)
    with transaction(place[0].writer) as session:
        images.tag(session, [first(session, Image)], "dusk", actor="bob")
        session.rollback()


def test_a_session_acts_for_one_person(place):
    def twice(session, _media):
        access.act_as(session, Access("bob", Role.ADMIN))

    with pytest.raises(ValueError, match="expected a session that acts for nobody yet"):
        attempt(place, Role.VIEWER, twice)


def test_another_ones_run_is_cancelled_by_a_curator_and_by_no_annotator(place):
    def cancel(session, _media):
        session.execute(text("INSERT INTO run (job, parameters, status, requested_by, total, done, failed, skipped, message, summary, "
                             "worker_deaths, created_at) VALUES ('read_picture', '{}', 'queued', 'bob', 0, 0, 0, 0, '', '{}', 0, "
                             "'2026-01-01T00:00:00.000000+00:00')"))  # fmt: skip
        runs.cancel(session, runs.listing(session)[0].id, actor=ACTOR)

    assert isinstance(attempt(place, Role.ANNOTATOR, cancel), NotAllowedError)
    assert attempt(place, Role.CURATOR, cancel) is None


def test_the_events_of_a_person_are_found_by_their_name(place):
    def tagged(session, media):
        _tag(session, media)
        assert session.scalar(select(Event.actor).order_by(Event.id.desc()).limit(1)) == ACTOR
        assert session.scalar(select(Person.id)) is None

    assert attempt(place, Role.ANNOTATOR, tagged) is None
