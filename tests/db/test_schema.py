"""The migrated schema is the models' schema, and its constraints are the domain's rules."""

from datetime import UTC, datetime

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import MetaData, Table, insert, inspect, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from db import schema
from db.base import Base
from db.enums import CaptionLevel, Origin, Role
from db.models import Caption, Event, Image, Person, Rater, Rating, Stimulus, Study, Trial, refresh_search
from db.session import connect, transaction
from tests.stores import migrated

FACTS = {
    "sha256": "a" * 64, "pixel_hash": "b" * 64, "phash": -1, "media_key": "aa/a.png", "upright_key": "aa/a.png",
    "file_name": "a.png", "source": "test", "format": "PNG", "width": 4, "height": 3, "bit_depth": 8, "has_reference": True,
    "colorfulness": 10.0, "mean_lightness": 50.0,
}  # fmt: skip


def an_image(**changes) -> Image:
    return Image(**{**FACTS, **changes})


def a_caption(image: Image, caption: str) -> Caption:
    return Caption(
        image_id=image.id, text=caption, level=CaptionLevel.COMPLETE, text_origin=Origin.HUMAN, level_origin=Origin.RULE, author="ann"
    )


def _differences(engine) -> list:
    hidden = {
        "include_object": lambda _item, name, *_rest: not (name or "").startswith(("caption_search", "image_search")),
        "compare_type": True,
    }
    with engine.connect() as connection:
        return compare_metadata(MigrationContext.configure(connection, opts=hidden), Base.metadata)


@pytest.mark.slow
def test_the_migrated_schema_equals_the_models(engines):
    assert schema.current(engines.writer) == schema.head()
    assert _differences(engines.writer) == []


def test_the_migrations_are_named_by_their_order():
    config = Config()
    config.set_main_option("script_location", str(schema.MIGRATIONS))
    assert ScriptDirectory.from_config(config).get_heads() == [schema.head()]


def test_a_store_without_a_schema_says_so(tmp_path):
    engines = connect(f"sqlite:///{tmp_path / 'empty.sqlite'}")
    assert schema.current(engines.writer) is None
    engines.dispose()


@pytest.mark.postgres
@pytest.mark.slow
def test_the_migrated_schema_equals_the_models_on_postgresql(postgres_url):
    with migrated(postgres_url) as engines:
        _hold_on_postgresql(engines)


def _hold_on_postgresql(engines) -> None:
    assert schema.current(engines.writer) == schema.head()
    assert _differences(engines.writer) == []
    with transaction(engines.writer) as session:
        image = an_image(attributes={"license": "CC0"})
        session.add(image)
        session.flush()
        session.add(a_caption(image, "a red cup"))
    with transaction(engines.reader) as session:
        caption = session.query(Caption).one()
        assert caption.level is CaptionLevel.COMPLETE
        assert caption.created_at.tzinfo is not None
        assert session.get(Image, caption.image_id).attributes == {"license": "CC0"}
        matching = session.execute(text("SELECT id FROM caption WHERE to_tsvector('english', text) @@ plainto_tsquery('english', 'cups')"))
        assert matching.scalars().all() == [caption.id]


@pytest.mark.slow
def test_a_database_made_from_the_models_has_the_same_tables_as_a_migrated_one(engines, tmp_path):
    fresh = connect(f"sqlite:///{tmp_path / 'fresh.sqlite'}")
    Base.metadata.create_all(fresh.writer)
    statement = text("SELECT name, sql FROM sqlite_master WHERE name LIKE '%search%' ORDER BY name")
    numbered = text("SELECT name FROM sqlite_master WHERE type = 'table' AND sql LIKE '%AUTOINCREMENT%' ORDER BY name")
    with fresh.reader.connect() as ours, engines.reader.connect() as migrated:
        assert ours.execute(statement).all() == migrated.execute(statement).all() != []
        assert ours.execute(numbered).all() == migrated.execute(numbered).all() != []
    assert set(inspect(fresh.reader).get_table_names()) == set(inspect(engines.reader).get_table_names()) - {"alembic_version"}
    fresh.dispose()


@pytest.mark.slow
def test_every_table_is_strict_on_sqlite(engines):
    with engines.reader.connect() as connection:
        rows = connection.execute(text("SELECT name, strict FROM pragma_table_list WHERE type = 'table' AND schema = 'main'")).all()
    ours = {name: strict for name, strict in rows if name in Base.metadata.tables}
    assert len(ours) == len(Base.metadata.tables)
    assert all(ours.values())


@pytest.mark.slow
def test_ids_are_never_handed_out_again(engines):
    with transaction(engines.writer) as session:
        first = Rater(pseudonym="r1")
        session.add(first)
        session.flush()
        session.delete(first)
    with transaction(engines.writer) as session:
        second = Rater(pseudonym="r2")
        session.add(second)
    assert second.id > first.id


@pytest.mark.slow
def test_upgrading_twice_changes_nothing(engines):
    schema.upgrade(engines.writer)
    assert schema.current(engines.writer) == schema.head()


def test_values_come_back_as_they_went_in(engines):
    with transaction(engines.writer) as session:
        image = an_image(phash=-(2**63), attributes={"lens": "50 mm", "ü": [1, None]})
        session.add(image)
    with transaction(engines.reader) as session:
        again = session.get(Image, image.id)
        assert (again.phash, again.attributes, again.has_reference) == (-(2**63), {"lens": "50 mm", "ü": [1, None]}, True)
        assert again.created_at == image.created_at


@pytest.mark.slow
def test_a_naive_moment_is_refused(engines):
    with pytest.raises(Exception, match="time zone"), transaction(engines.writer) as session:
        session.add(an_image(created_at=datetime(2026, 1, 1)))


def test_a_level_outside_the_vocabulary_is_refused(engines):
    with transaction(engines.writer) as session:
        image = an_image()
        session.add(image)
        session.flush()
        session.add(a_caption(image, "a cup"))
    with pytest.raises(IntegrityError, match="level_known"), transaction(engines.writer) as session:
        session.execute(text("UPDATE caption SET level = 'full'"))


@pytest.mark.slow
def test_the_same_caption_stands_once_at_an_image(engines):
    with transaction(engines.writer) as session:
        image = an_image()
        session.add(image)
        session.flush()
        session.add(a_caption(image, "a cup"))
    with pytest.raises(IntegrityError), transaction(engines.writer) as session:
        session.add(a_caption(image, "a cup"))


@pytest.mark.slow
def test_an_image_without_area_is_refused(engines):
    with pytest.raises(IntegrityError, match="has_area"), transaction(engines.writer) as session:
        session.add(an_image(width=0))


def test_a_rater_answers_a_trial_once(engines):
    with transaction(engines.writer) as session:
        study = Study(name="s", question="which?", method="pair", seed=0, votes_per_trial=1)
        rater = Rater(pseudonym="r1")
        session.add_all([study, rater])
        session.flush()
        trial = Trial(study_id=study.id, position=0)
        session.add(trial)
        session.flush()
        stimulus = Stimulus(trial_id=trial.id, position=0, system="mini", media_key="aa/a.png")
        session.add(stimulus)
        session.flush()
        session.add(Rating(trial_id=trial.id, rater_id=rater.id, stimulus_id=stimulus.id))
    with pytest.raises(IntegrityError), transaction(engines.writer) as session:
        session.add(Rating(trial_id=trial.id, rater_id=rater.id, is_tie=True))


@pytest.mark.slow
def test_a_tie_names_no_winner(engines):
    with transaction(engines.writer) as session:
        study = Study(name="s", question="which?", method="pair", seed=0, votes_per_trial=1)
        rater = Rater(pseudonym="r1")
        session.add_all([study, rater])
        session.flush()
        trial = Trial(study_id=study.id, position=0)
        session.add(trial)
        session.flush()
        stimulus = Stimulus(trial_id=trial.id, position=0, system="mini", media_key="aa/a.png")
        session.add(stimulus)
    with pytest.raises(IntegrityError, match="tie_has_no_winner"), transaction(engines.writer) as session:
        session.add(Rating(trial_id=trial.id, rater_id=rater.id, stimulus_id=stimulus.id, is_tie=True))


@pytest.mark.slow
def test_an_event_without_a_change_is_refused(engines):
    with pytest.raises(IntegrityError, match="something_changed"), transaction(engines.writer) as session:
        session.add(Event(actor="ann", action="edit", subject="caption", subject_id="1"))


def test_tokens_are_counted_by_whatever_door_a_caption_comes_in(engines):
    with transaction(engines.writer) as session:
        image = an_image()
        session.add(image)
        session.flush()
        caption = a_caption(image, "three red cups")
        session.add(caption)
        session.flush()
        row = {
            "image_id": image.id,
            "level": CaptionLevel.COMPLETE,
            "text_origin": Origin.HUMAN,
            "level_origin": Origin.RULE,
            "author": "a",
        }
        session.execute(insert(Caption), [{"text": "a navy-blue refrigerator, 12 dogs", **row}, {"text": "a cat", **row}])
        assert list(session.scalars(select(Caption.tokens).order_by(Caption.id))) == [5, 11, 4]
        caption.text = "antidisestablishmentarianism"
        session.flush()
        assert session.scalar(select(Caption.tokens).where(Caption.id == caption.id)) == 8


@pytest.mark.slow
def test_captions_of_an_older_store_are_counted_when_it_is_brought_up_to_date(tmp_path):
    engines = connect(f"sqlite:///{tmp_path / 'old.sqlite'}")
    config = Config()
    config.set_main_option("script_location", str(schema.MIGRATIONS))
    with engines.writer.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0002")
    with Session(engines.writer) as session, session.begin():
        image = Table("image", MetaData(), autoload_with=session.connection())  # as it was then
        session.execute(insert(image), [{**FACTS, "attributes": "{}", "created_at": datetime.now(UTC).isoformat()}])
        written = "INSERT INTO caption (image_id, text, level, status, text_origin, level_origin, author, created_at, updated_at) "
        written += "VALUES (1, 'a navy-blue refrigerator, 12 dogs', 'partial', 'accepted', 'human', 'rule', 'ann', :now, :now)"
        session.execute(text(written), {"now": datetime.now(UTC).isoformat()})
    schema.upgrade(engines.writer)
    with transaction(engines.reader) as session:
        assert session.scalar(select(Caption.tokens)) == 11
        fact = {"fact": '"0t110"'}
        assert session.scalar(text("SELECT rowid FROM caption_search WHERE caption_search MATCH :fact"), fact) == 1
    engines.dispose()


def test_who_was_an_owner_is_an_admin(tmp_path):
    engines = connect(f"sqlite:///{tmp_path / 'old.sqlite'}")
    config = Config()
    config.set_main_option("script_location", str(schema.MIGRATIONS))
    with engines.writer.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0012")
        connection.execute(text("INSERT INTO person (name, role, created_at) VALUES ('ann', 'owner', :now), ('bob', 'viewer', :now)"),
                           {"now": datetime.now(UTC).isoformat()})  # fmt: skip
    schema.upgrade(engines.writer)
    with transaction(engines.writer) as session:
        assert {person.name: person.role for person in session.scalars(select(Person))} == {"ann": Role.ADMIN, "bob": Role.VIEWER}
        session.add(Person(name="eve", role=Role.ANNOTATOR))
    engines.dispose()


@pytest.mark.slow
def test_the_search_follows_every_change_of_a_caption(engines):
    def matching(session, word):
        refresh_search(session.connection())
        return session.execute(text("SELECT rowid FROM caption_search WHERE caption_search MATCH :word"), {"word": word}).scalars().all()

    with transaction(engines.writer) as session:
        image = an_image()
        session.add(image)
        session.flush()
        caption = a_caption(image, "three red cups")
        session.add(caption)
        session.flush()
        assert matching(session, "cup") == [caption.id]
        caption.text = "three green bowls"
        session.flush()
        assert (matching(session, "cup"), matching(session, "bowl")) == ([], [caption.id])
        session.delete(caption)
        session.flush()
        assert matching(session, "bowl") == []
