"""A backup gives the store back as it was at one moment; damage is named; what nothing needs goes, and nothing else."""

import os
import sqlite3
import stat

import pytest

from db.models import Image
from tests.pictures import png
from tests.stores import colorize, insert_caption, insert_checkpoint, insert_image
from workbench import images, upkeep
from workbench.errors import ConflictError, InvalidInputError, NotFoundError
from workbench.open_store import Store, open_store
from workbench.settings import read_settings
from workbench.store import events

pytestmark = pytest.mark.slow


@pytest.fixture
def store(tmp_path, monkeypatch) -> Store:
    for name in ("DATABASE", "JOBS", "MEDIA"):
        monkeypatch.delenv(f"WORKBENCH_{name}_URL", raising=False)
    opened = open_store(read_settings(tmp_path / "home"))
    with opened.writing() as session:
        checkpoint = insert_checkpoint(session)
        for number in range(3):
            insert_caption(session, insert_image(session, opened.media, number))
        colorize(session, opened.media, checkpoint)
    yield opened
    opened.close()


def dump(store: Store) -> list[str]:
    with sqlite3.connect(store.settings.home / "workbench.sqlite") as connection:
        return list(connection.iterdump())


def files(store: Store) -> dict[str, int]:
    return {stored.name: stored.size for stored in store.media.listing()}


def damaged(store: Store) -> list[str]:
    with store.reading() as session:
        return [damage.subject for damage in upkeep.damages(session, store.media)]


@pytest.mark.slow
def test_a_restored_store_is_the_one_that_was_backed_up(store, tmp_path):
    made = upkeep.back_up(store.settings, tmp_path / "backup")
    upkeep.restore(tmp_path / "backup", read_settings(tmp_path / "again"))
    again = open_store(read_settings(tmp_path / "again"))
    assert dump(again) == dump(store)
    assert files(again) == files(store)
    assert damaged(again) == []
    assert made.files == made.copied == len(files(store))
    again.close()


@pytest.mark.slow
def test_a_backup_that_is_made_while_somebody_writes_holds_one_moment(store, tmp_path):
    with store.writing() as session:
        insert_image(session, store.media, 7)
        upkeep.back_up(store.settings, tmp_path / "backup")
    upkeep.restore(tmp_path / "backup", read_settings(tmp_path / "again"))
    again = open_store(read_settings(tmp_path / "again"))
    with again.reading() as session:
        assert images.count(session) == 3
    again.close()


@pytest.mark.slow
def test_a_second_backup_copies_what_is_new_alone(store, tmp_path):
    upkeep.back_up(store.settings, tmp_path / "backup")
    with store.writing() as session:
        insert_image(session, store.media, 7)
    again = upkeep.back_up(store.settings, tmp_path / "backup")
    assert (again.copied, again.files) == (1, len(files(store)))


@pytest.mark.slow
def test_a_backup_of_a_damaged_store_is_refused_and_the_earlier_one_stays(store, tmp_path):
    upkeep.back_up(store.settings, tmp_path / "backup")
    with store.writing() as session:
        image = insert_image(session, store.media, 7)
    store.media.path(image.media_key).unlink()
    with pytest.raises(ConflictError, match="missing"):
        upkeep.back_up(store.settings, tmp_path / "backup")
    upkeep.restore(tmp_path / "backup", read_settings(tmp_path / "again"))


@pytest.mark.slow
def test_a_backup_that_was_changed_or_is_none_is_refused(store, tmp_path):
    with pytest.raises(NotFoundError, match="no backup"):
        upkeep.restore(tmp_path, read_settings(tmp_path / "again"))
    upkeep.back_up(store.settings, tmp_path / "backup")
    with pytest.raises(ConflictError, match="a store at"):
        upkeep.restore(tmp_path / "backup", store.settings)
    with (tmp_path / "backup" / "workbench.sqlite").open("r+b") as file:
        file.seek(5000)
        file.write(b"damage")
    with pytest.raises(InvalidInputError, match="was changed"):
        upkeep.restore(tmp_path / "backup", read_settings(tmp_path / "again"))
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "file").touch()
    with pytest.raises(InvalidInputError, match="something else"):
        upkeep.back_up(store.settings, tmp_path / "full")


@pytest.mark.slow
def test_damage_is_named(store):
    assert damaged(store) == []
    with store.reading() as session:
        first, second = images.find(session)[:2]
    store.media.path(first.media_key).unlink()
    store.media.path(second.media_key).write_bytes(png(9))
    assert set(damaged(store)) == {f"file {first.media_key}", f"file {second.media_key}"}


@pytest.mark.slow
def test_a_row_that_refers_to_nothing_is_named(store):
    with sqlite3.connect(store.settings.home / "workbench.sqlite") as connection:
        connection.execute("PRAGMA foreign_keys=OFF")
        connection.execute("UPDATE caption SET image_id = 999 WHERE id = 1")
    assert "table caption" in damaged(store)


def test_a_truncated_database_is_named(store):
    path = store.settings.home / "workbench.sqlite"
    assert upkeep.database_damages(store.settings.database_url, "store database") == []
    store.close()
    os.truncate(path, path.stat().st_size // 2)
    damages = upkeep.database_damages(store.settings.database_url, "store database")
    assert damages
    assert damages[0].subject == "store database"


@pytest.mark.slow
def test_garbage_is_what_no_row_names_and_no_undo_brings_back(store):
    orphan = store.media.put(png(8), ".png")
    with store.writing() as session:
        taken_back = images.import_file(session, store.media, png(9), file_name="9.png", source="test", batch_id="b").image
    with store.writing() as session:
        events.rollback(session, "b", actor="ada")
    leftover = store.media.path(orphan).with_name(".incoming-1")
    leftover.write_bytes(b"half")
    before = set(files(store))
    with store.reading() as session:
        assert upkeep.collect_garbage(session, store.media).keys == []  # all of it is young
        garbage = upkeep.collect_garbage(session, store.media, young_seconds=-1)
        assert (garbage.keys, garbage.leftovers) == ([orphan], [f"{orphan[:2]}/.incoming-1"])
        assert set(files(store)) == before
        upkeep.collect_garbage(session, store.media, delete=True, young_seconds=-1)
    assert before - set(files(store)) == {orphan, f"{orphan[:2]}/.incoming-1"}
    assert store.media.exists(taken_back.media_key)


def test_a_store_is_its_owners_alone(store):
    home = store.settings.home
    assert stat.S_IMODE(home.stat().st_mode) == 0o700
    assert stat.S_IMODE((home / "workbench.sqlite").stat().st_mode) == 0o600


def test_a_store_of_a_newer_version_is_refused_with_a_sentence(store):
    with sqlite3.connect(store.settings.home / "workbench.sqlite") as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(ConflictError, match="newer version"):
        open_store(store.settings)


def test_a_store_is_copied_before_it_is_upgraded(store, monkeypatch):
    from db import schema

    with sqlite3.connect(store.settings.home / "workbench.sqlite") as connection:
        connection.execute("UPDATE alembic_version SET version_num = '0005'")
    monkeypatch.setattr(schema, "upgrade", lambda _engine: None)
    open_store(store.settings).close()
    with sqlite3.connect(store.settings.home / "backups" / "workbench-schema-0005.sqlite") as copy:
        assert copy.execute("SELECT count(*) FROM image").fetchone() == (3,)


@pytest.mark.slow
def test_an_acknowledged_commit_is_on_the_disk(store):
    with store.writing() as session:
        assert session.connection().exec_driver_sql("PRAGMA synchronous").scalar() == 2  # FULL
        assert session.get(Image, 1) is not None
