"""Images of a benchmark stay out of a release, whatever form their list has."""

import hashlib

import PIL.Image
import pytest

from db.enums import DuplicateKind, Split
from db.models import Duplicate
from tests.stores import add_caption, add_image
from workbench import releases
from workbench.errors import ConflictError, InvalidInputError, UnreadableFileError
from workbench.releases import decontamination, leak_gate
from workbench.releases.selection import select_items as select_all
from workbench.store import within


@pytest.fixture
def images(session, media):
    """Six images with a description each."""
    made = [add_image(session, media, seed) for seed in range(6)]
    for image in made:
        add_caption(session, image)
    return made


def released(session, media, **rules):
    return releases.create(session, media, name="set", author="ada", rules=rules)


def left_out(session, release):
    return {row.image_sha256: row.reason for row in releases.exclusions(session, release.id)}


@pytest.mark.slow
def test_a_benchmarks_file_and_its_smaller_copy_as_jpeg_stay_out(session, media, images, tmp_path):
    folder = tmp_path / "benchmark"
    (folder / "deep").mkdir(parents=True)
    (folder / "same.png").write_bytes(media.read(images[0].upright_key))
    with PIL.Image.open(media.open(images[1].upright_key)) as picture:
        picture.resize((picture.width * 3 // 4, picture.height * 3 // 4)).save(folder / "deep" / "copy.jpg", quality=80)
    (folder / "readme.txt").write_text("not an image")
    release = released(session, media, foreign=[str(folder)])
    reasons = left_out(session, release)
    assert reasons.keys() == {images[0].sha256, images[1].sha256}
    assert reasons[images[0].sha256] == "it is same.png of the foreign images benchmark"
    assert "near duplicate" in reasons[images[1].sha256]
    assert "deep/copy.jpg" in reasons[images[1].sha256]
    [kept] = release.rules["foreign"]
    assert (kept["name"], kept["images"]) == ("benchmark", 2)
    assert (release.facts["gate"]["foreign"], release.facts["gate"]["kept_out"]) == (["benchmark"], 2)


@pytest.mark.parametrize("form", ["sha256sum", "bare", "pixels", "phash", "json"])
@pytest.mark.slow
def test_a_list_of_hashes_takes_many_forms(session, media, images, tmp_path, form):
    image = images[2]
    line = {
        "sha256sum": f"{image.sha256} *val/0002.png",
        "bare": image.sha256.upper(),
        "pixels": image.pixel_hash,
        "phash": f"{image.phash & (2**64 - 1):016x} val/0002.png",
        "json": f'{{"phash": "{image.phash & (2**64 - 1):016x}", "name": "val/0002.png"}}',
    }[form]
    path = tmp_path / "coco-val.txt"
    path.write_text(f"# a comment\n\n{line}\n")
    reasons = left_out(session, released(session, media, foreign=[str(path)]))
    assert list(reasons) == [image.sha256]
    assert "coco-val" in reasons[image.sha256]


@pytest.mark.slow
def test_what_resembles_an_image_that_stays_out_stays_out_too(session, media, images, tmp_path):
    session.add(Duplicate(image_id=images[4].id, original_id=images[3].id, kind=DuplicateKind.NEAR, distance=6))
    path = tmp_path / "hashes.txt"
    path.write_text(images[3].sha256)
    reasons = left_out(session, released(session, media, foreign=[str(path)]))
    assert reasons.keys() == {images[3].sha256, images[4].sha256}
    assert reasons[images[4].sha256].startswith(f"it belongs together with image {images[3].sha256[:12]}")


@pytest.mark.slow
def test_the_gate_is_hard_even_where_the_choice_overlooks_a_foreign_image(session, media, images, tmp_path, monkeypatch):
    path = tmp_path / "hashes.txt"
    path.write_text(images[3].sha256)
    monkeypatch.setattr(
        "workbench.releases.creation.select_items", lambda session, rules, _out, asked: select_all(session, rules, {}, asked)
    )
    with pytest.raises(ConflictError, match="leak in 1 places, so nothing was bound or released"):
        released(session, media, foreign=[str(path)])
    assert releases.listing(session) == []


@pytest.mark.slow
def test_the_list_is_frozen_with_the_release_and_verified(session, media, images, tmp_path):
    path = tmp_path / "hashes.txt"
    path.write_text(hashlib.sha256(b"elsewhere").hexdigest())
    release = released(session, media, foreign=[str(path)])
    path.unlink()
    assert releases.verify(session, media, release.id) == []
    again = released(session, media, foreign=release.rules["foreign"])
    assert again is release
    kept = media.path(release.rules["foreign"][0]["key"])
    kept.write_bytes(kept.read_bytes().replace(b"a", b"b", 1))
    [problem] = releases.verify(session, media, release.id)
    assert problem.subject == release.rules["foreign"][0]["key"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("not a hash", r'list\.txt, line 1: "not" is no hash'),
        ("\n" + "a" * 63, "line 2"),
        ('{"sha256": 5}', "has no"),
        ("{broken", "is no JSON"),
        (f'{{"phash": "{"a" * 16}", "landmarks": "AAAA"}}', "landmarks that this version cannot read"),
        (f'{{"phash": "{"a" * 16}", "landmarks": "no base64"}}', r"releases hashes FOLDER --crops"),
        ("", "names no foreign images"),
        ("\udc80", "is no text"),
    ],
)
def test_a_list_that_cannot_be_read_is_named_with_its_line(media, tmp_path, content, message):
    path = tmp_path / "list.txt"
    path.write_bytes(content.encode("utf-8", "surrogateescape"))
    with pytest.raises((InvalidInputError, UnreadableFileError), match=message):
        decontamination.keep(media, str(path))


def test_a_broken_image_in_the_folder_stops_everything_and_is_named(media, tmp_path):
    (tmp_path / "broken.png").write_bytes(b"\x89PNG")
    with pytest.raises(UnreadableFileError, match=r"broken\.png cannot be compared with"):
        decontamination.keep(media, str(tmp_path))
    with pytest.raises(InvalidInputError, match="There is no folder or file"):
        decontamination.keep(media, str(tmp_path / "nowhere"))


@pytest.mark.slow
def test_settling_splits_looks_at_no_list(session, images):
    assert set(
        leak_gate.settle(dict.fromkeys((image.sha256 for image in images), True), reading=within(session), writing=within(session)).values()
    ) <= set(Split)
