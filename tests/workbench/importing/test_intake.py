"""A batch of items becomes images, captions, masks and groundings, once, and the broken ones are told."""

import json
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from db.enums import CaptionLevel, Origin, RegionOrigin
from db.session import transaction
from tests.pictures import encoded, picture, png
from tests.stores import migrated
from workbench import captions, images, importing, overview, regions
from workbench.images import ingest, near_index
from workbench.imaging import masks
from workbench.store import events

MASK = np.zeros((64, 96), bool)
MASK[10:30, 10:40] = True


@pytest.fixture
def folder(tmp_path):
    """Two good pictures with captions and a mask, three bad files, and captions of a picture that is not there."""
    rows = [
        {
            "file_name": "cup.png",
            "captions": [
                {"text": "a red cup on a table", "level": "complete", "phrases": [{"start": 2, "end": 9, "region": "cup"}]},
                {"text": "a cup on a table", "phrases": [{"start": 0, "end": 5, "region": "cup"}]},
            ],
            "regions": [{"name": "cup", "mask": masks.encode(MASK), "origin": "composed"}],
            "license": "CC0",
            "source": "a kitchen",
            "scene_source": ["kitchen", "table"],
            "tags": ["demo"],
        },
        {"file_name": "cat.jpg", "captions": ["a gray cat"], "regions": [{"mask": masks.encode(MASK.T.copy())}]},
        {"file_name": "gone.png", "caption": "a ghost"},
    ]
    folder = tmp_path / "pictures"
    folder.mkdir()
    (folder / "metadata.jsonl").write_text("\n".join(json.dumps(row) for row in rows))
    (folder / "cup.png").write_bytes(png(1))
    (folder / "cat.jpg").write_bytes(encoded(picture(2), "JPEG"))
    (folder / "text.jpg").write_text("this is no picture")
    (folder / "empty.png").write_bytes(b"")
    (folder / "cut.png").write_bytes(png(3)[:400])
    return folder


def take_in(session, media, folder, batch_id=None):
    batch = importing.prepare(importing.scan([folder]), media)
    return importing.store(
        session, batch, source="test", near=importing.likenesses(near_index(session), batch), author="ada", batch_id=batch_id
    )


def test_good_items_come_in_and_bad_ones_are_told(session, media, folder):
    intake = take_in(session, media, folder)
    assert (len(intake.added), intake.duplicates, intake.captions, intake.regions, intake.groundings) == (2, [], 3, 1, 2)
    assert {failure.name: failure.reason for failure in intake.failures} == {
        "text.jpg": "The file is text, not a picture.",
        "empty.png": "The file is empty (0 bytes).",
        "cut.png": next(failure.reason for failure in intake.failures if failure.name == "cut.png"),
        "gone.png": 'The captions name "gone.png", but there is no such picture.',
        "cat.jpg (region 1)": f"The mask has 64 × 96 pixels, but image {images.find(session, 'file:cat')[0].id} has 96 × 64.",
    }
    assert "cut short" in next(failure.reason for failure in intake.failures if failure.name == "cut.png")


def test_what_came_in_is_complete(session, media, folder):
    take_in(session, media, folder)
    [image] = images.find(session, "file:cup")
    assert image.attributes == {"import_source": "a kitchen", "scene_source": ["kitchen", "table"]}
    assert (image.license, images.tags(session, image.id)) == ("CC0", ["demo"])
    first, second = captions.of_image(session, image.id)
    assert (first.caption.level, first.caption.level_origin) == (CaptionLevel.COMPLETE, Origin.IMPORTED)
    assert (second.caption.level, second.caption.level_origin) == (CaptionLevel.SCARCE, Origin.RULE)
    [view] = regions.of_image(session, image.id)
    assert (view.region.label, view.region.origin) == ("cup", RegionOrigin.COMPOSED)
    assert [mention.object for mention in view.mentions] == ["cup", "cup"]
    np.testing.assert_array_equal(masks.decode(view.region.mask), MASK)


def test_taking_it_in_twice_adds_nothing(session, media, folder):
    first = take_in(session, media, folder)
    again = take_in(session, media, folder)
    assert (again.added, sorted(again.duplicates)) == ([], sorted(first.added))
    assert (again.captions, again.regions, again.groundings) == (0, 0, 0)


def test_an_import_is_rolled_back_whole(session, media, folder):
    take_in(session, media, folder, batch_id="holiday")
    events.rollback(session, "holiday", actor="ada")
    assert images.count(session) == 0
    assert not any(overview.counts(session).values())


def test_captions_of_a_copy_go_to_the_image_that_is_there(session, media, folder, tmp_path):
    take_in(session, media, folder)
    other = tmp_path / "other"
    other.mkdir()
    (other / "copy.png").write_bytes(png(1))
    (other / "copy.txt").write_text("a vermilion cup")
    intake = take_in(session, media, other)
    [image] = images.find(session, "file:cup")
    assert (intake.duplicates, intake.captions) == ([image.id], 1)
    assert "a vermilion cup" in [view.caption.text for view in captions.of_image(session, image.id)]


def test_a_caption_that_is_no_text_is_told_and_the_rest_comes(session, media, tmp_path):
    (tmp_path / "a.png").write_bytes(png(1))
    (tmp_path / "a.json").write_text(json.dumps({"captions": ["a \x00 cup", "a \ud800 cup", "a cup"]}))
    intake = take_in(session, media, tmp_path)
    assert intake.captions == 1
    assert [failure.name for failure in intake.failures] == ["a.png", "a.png"]


def test_files_are_kept_before_the_transaction(media, folder):
    batch = importing.prepare(importing.scan([folder]), media)
    ready = [entry for entry in batch if isinstance(entry, importing.PreparedItem)]
    assert len(ready) == 2
    assert all(
        any(media.exists(f"{entry.picture.columns['sha256'][:2]}/{entry.picture.columns['sha256']}{suffix}") for suffix in (".png", ".jpg"))
        for entry in ready
    )


@pytest.mark.postgres
@pytest.mark.slow
def test_an_import_into_postgresql_is_the_same(postgres_url, media, folder):
    with migrated(postgres_url) as engines, transaction(engines.writer) as session:
        first = take_in(session, media, folder)
        again = take_in(session, media, folder)
        assert (len(first.added), first.captions, first.regions, first.groundings) == (2, 3, 1, 2)
        assert (again.added, again.captions, again.regions, again.groundings) == ([], 0, 0, 0)


@pytest.mark.postgres
@pytest.mark.slow
def test_two_workers_that_store_the_same_picture_at_once_store_it_once(postgres_url, media):
    with migrated(postgres_url) as engines:
        prepared = [ingest.keep(media, ingest.prepare(png(1), "a.png"))]
        options = {"source": "test", "actor": "ada"}
        with ThreadPoolExecutor(1) as pool, transaction(engines.writer) as one:
            first = ingest.store(one, prepared, near=ingest.likenesses(near_index(one), prepared), **options)

            def store_again():
                with transaction(engines.writer) as other:
                    return ingest.store(other, prepared, near=ingest.likenesses(near_index(other), prepared), **options)

            waiting = pool.submit(store_again)  # it waits at the unique key until the first transaction ends
            with pytest.raises(TimeoutError):
                waiting.result(timeout=0.5)
            one.commit()
            again = waiting.result(timeout=20)
        assert (first[0].status, again[0].status, again[0].duplicate_of) == ("added", "exact_duplicate", first[0].image.id)
