"""Captions leave the store and come back: in every format, to the byte, with what is known of them."""

import pytest
from sqlalchemy import select

from db.enums import CaptionLevel, CaptionStatus, Origin
from db.models import Image
from db.session import transaction
from tests.stores import add_image, opened
from workbench import captions
from workbench.errors import InvalidInputError
from workbench.exports import caption_files as written
from workbench.importing import caption_files

PLAIN = ("a red cup on a brown table", 'a "red" cup; “and” a table: café', "a cup, a table, a 🟥")
AWKWARD = (" a red cup  on a table\t", "a cup\non two lines", "a cup\r\nand a table", "'=1+1", "\ufeffa cup")
TARGETS = {
    "jsonl": "captions.jsonl", "csv": "captions.csv", "coco": "captions.json", "label-studio": "tasks.json",
    "imagefolder": "folder", "webdataset": "captions.tar", "lcad": "captions.json", "sd-scripts": "folder", "folder": "folder",
}  # fmt: skip
COMPLETE = ("jsonl", "csv", "coco", "label-studio", "imagefolder", "webdataset")


@pytest.fixture
def other(tmp_path):
    """Another store with the same pictures and no captions."""
    with opened(tmp_path / "other") as (engines, media), transaction(engines.writer) as session:
        for seed in range(3):
            add_image(session, media, seed)
        yield session


def describe(session, media, texts):
    for seed in range(3):
        image = add_image(session, media, seed)
        for text in texts:
            captions.add(session, image.id, text, text_origin=Origin.IMPORTED, author="ada")


def taken_in(session, path, format="auto", **options):  # noqa: A002
    described = caption_files.read(path, format)
    matched = caption_files.match(session, described)
    notes = {image_id: caption_files.together(described, names) for image_id, names in matched.names.items()}
    stored, refused = caption_files.store(session, notes, author="bo", **options)
    return stored, refused, matched.unmatched


@pytest.mark.parametrize("format", TARGETS)
@pytest.mark.slow
def test_captions_come_back_to_the_byte_and_a_second_time_nothing_is_added(session, media, other, tmp_path, format):  # noqa: A002
    texts = PLAIN + (AWKWARD if format in (*COMPLETE, "lcad") else ())
    describe(session, media, texts)
    assert written.write(session, tmp_path / TARGETS[format], format=format) == 3 * len(texts)
    stored, refused, unmatched = taken_in(other, tmp_path / TARGETS[format], format)
    assert (stored.added, refused, unmatched) == (3 * len(texts), [], [])
    assert [row.caption for row in written.rows(other)] == [row.caption for row in written.rows(session)]
    assert taken_in(other, tmp_path / TARGETS[format], format)[0].added == 0


@pytest.mark.parametrize("format", COMPLETE)
@pytest.mark.slow
def test_what_is_known_of_a_caption_comes_back_too(session, media, other, tmp_path, format):  # noqa: A002
    describe(session, media, PLAIN)
    captions.set_level(session, 1, CaptionLevel.SCARCE, actor="cy")
    captions.derive(session, 1, author="rules")
    captions.drop(session, [2], actor="cy")
    captions.edit(session, 4, "a blue cup", actor="cy")
    everything = "status:accepted,proposed,dropped"
    written.write(session, tmp_path / TARGETS[format], everything, format)
    taken_in(other, tmp_path / TARGETS[format], format)
    assert list(written.rows(other, everything)) == list(written.rows(session, everything))
    again = tmp_path / "again" / TARGETS[format]
    written.write(other, again, everything, format)
    files = [path for path in (tmp_path / TARGETS[format]).rglob("*") if path.is_file()] or [tmp_path / TARGETS[format]]
    for path in files:
        assert (again.parent / path.relative_to(tmp_path)).read_bytes() == path.read_bytes()


def test_a_format_that_cannot_hold_a_caption_refuses_instead_of_changing_it(session, media, tmp_path):
    describe(session, media, AWKWARD)
    with pytest.raises(InvalidInputError, match="to the byte"):
        written.write(session, tmp_path / "folder", format="sd-scripts")
    assert not (tmp_path / "folder").exists()


def test_two_pictures_of_one_name_are_told_apart_by_hash_or_refused(session, media, tmp_path):
    describe(session, media, PLAIN)
    for row in session.scalars(select(Image)):
        row.file_name = "same.png"
    session.flush()
    with pytest.raises(InvalidInputError, match="Two pictures are called"):
        written.write(session, tmp_path / "captions.json")
    written.write(session, tmp_path / "captions.jsonl")
    assert taken_in(session, tmp_path / "captions.jsonl")[0].added == 0


def test_a_file_of_others_finds_pictures_by_the_end_of_their_paths_and_names_what_fits_none(session, media, tmp_path):
    image = add_image(session, media, 0)
    image.file_name = "val2017/000001.jpg"
    session.flush()
    (tmp_path / "captions.json").write_text('{"000001.jpg": ["a red cup"], "000002.jpg": ["a cat"]}')
    stored, _, unmatched = taken_in(session, tmp_path / "captions.json", proposed=True)
    assert (stored.added, [name for name, _ in unmatched]) == (1, ["000002.jpg"])
    added = captions.get(session, stored.ids[0])
    assert (added.status, added.text_origin, added.level) == (CaptionStatus.PROPOSED, Origin.IMPORTED, CaptionLevel.COMPLETE)


def test_an_unknown_format_is_refused_with_those_that_are_read(tmp_path):
    (tmp_path / "captions.json").write_text("{}")
    with pytest.raises(InvalidInputError, match="label-studio"):
        caption_files.read(tmp_path / "captions.json", "parquet")
