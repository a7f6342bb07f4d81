"""The recipe on real photos: parts are recolored by name and nothing else is, and it runs, stops, travels and goes on."""

import json
import sys

import numpy as np
import PIL.Image
import pytest

from lcad import load_pipeline
from pipelines.composing.photo_parts import along_edges, held_out_names, labeled_photo, read_labels
from pipelines.composing.recoloring import COLORS
from pipelines.pretraining import photo_pack, photos, portable
from pipelines.pretraining.photo_pack import PhotoPack, draw_paint, view_of, write_photo_pack
from pipelines.pretraining.photo_sources import read_sources

SIDE = 64
pytestmark = pytest.mark.model


def run_lengths(mask: np.ndarray) -> list[int]:
    """Down the columns, beginning with zeros."""
    flat = mask.T.reshape(-1)
    ends = np.flatnonzero(np.diff(flat.astype(int))) + 1
    runs = np.diff([0, *ends, flat.size]).tolist()
    return [0, *runs] if flat[0] else runs


def dress_on_wall() -> tuple[np.ndarray, np.ndarray]:
    """A green dress, lighter to one side, before a gray wall: rgb (96, 80, 3) uint8 and the dress's mask."""
    mask = np.zeros((96, 80), bool)
    mask[20:80, 20:60] = True
    light = np.linspace(90, 190, 80)[None, :, None].repeat(96, 0)
    rgb = np.where(mask[..., None], light * [0.6, 1.0, 0.6], light * [1.0, 1.0, 1.0])
    return rgb.astype(np.uint8), mask


@pytest.fixture
def collection(tmp_path):
    """Twenty photos of a dress before a wall, with masks by people (dress) and by a machine (wall)."""
    folder = tmp_path / "collection"
    (folder / "photos").mkdir(parents=True)
    rgb, mask = dress_on_wall()
    rows, human, machine = [], [], []
    for n in range(20):
        name = f"photos/{n:03}.png"
        PIL.Image.fromarray(rgb).save(folder / name)
        rows.append({"file_name": name, "source": "one" if n < 10 else "two"})
        human.append({"file_name": name, "size": [96, 80], "masks": [{"label": "dress", "counts": run_lengths(mask)}]})
        machine.append({"file_name": name, "size": [96, 80], "masks": [{"label": "wall", "counts": run_lengths(np.ones_like(mask))}]})
    for file, content in (("photos.jsonl", rows), ("human_masks.jsonl", human)):
        (folder / file).write_text("".join(json.dumps(row) + "\n" for row in content))
    import gzip

    with gzip.open(folder / "machine_labels.jsonl.gz", "wt") as out:
        out.write("".join(json.dumps(row) + "\n" for row in machine))
    return folder


def test_the_last_tenth_of_every_source_and_of_the_masked_photos_is_held_out():
    sources = {f"{source}{n:02}": source for source in ("a", "b") for n in range(20)}
    assert held_out_names(sources, [f"a{n:02}" for n in range(10)]) == {"a18", "a19", "b18", "b19", "a09"}


def test_masks_of_people_are_in_front_of_those_of_machines(collection):
    sources = read_sources(collection)
    photo = labeled_photo(collection / "photos/000.png", sources.labels["photos/000.png"])
    assert photo.labels == ("dress", "wall")
    assert photo.masks.sum(0).max() <= 1 + 1e-5
    assert photo.masks[0][40, 40] > 0.9 > 0.1 > photo.masks[1][40, 40]


def test_soft_masks_end_where_the_photo_has_its_edge():
    rgb, mask = dress_on_wall()
    shifted = np.roll(mask, 2, axis=1)
    (soft,) = along_edges(rgb, shifted[None])
    assert np.abs(soft - mask).mean() < np.abs(shifted.astype(float) - mask).mean()


def test_doubtful_masks_of_machines_are_not_read(tmp_path):
    row = {"file_name": "a", "size": [4, 4], "label": "sofa", "counts": [16]}
    (tmp_path / "things.jsonl").write_text(json.dumps({**row, "quality": 0.2}) + "\n" + json.dumps({**row, "quality": 0.9}) + "\n")
    (piece,) = read_labels([tmp_path / "things.jsonl"])["a"]
    assert piece.label == "couch"


@pytest.fixture
def pack(collection, tmp_path):
    """A pack of four views, its features zeros."""
    sources, rng = read_sources(collection), np.random.default_rng(0)
    photo = labeled_photo(collection / "photos/000.png", sources.labels["photos/000.png"])
    views = [view for view in (view_of(rng, photo, SIDE) for _ in range(4)) if view is not None]
    made = write_photo_pack(tmp_path / "pack", iter(views), len(views), SIDE)
    made.scaling_factor, made.features = 1.0, np.zeros((len(views), 1, 8, 8), np.float16)
    return made


def chroma_of(drawn) -> np.ndarray:
    """The chroma (2, 16, 16) of latents (8, 8, 8) whose scaling factor is 1."""
    from lcad.training.luminance import ANCHOR_CHROMA

    return drawn.latents.reshape(2, 2, 2, 8, 8).transpose(0, 3, 1, 4, 2).reshape(2, 16, 16) * ANCHOR_CHROMA


@pytest.mark.slow
def test_what_a_caption_names_in_a_color_has_it_and_the_rest_keeps_its_own(pack):
    checked = 0
    for seed in range(60):
        drawn = pack.draw(seed % len(pack), np.random.default_rng(seed))
        own = pack.chroma[seed % len(pack)].astype(np.float32).sum(0) + pack.rest[seed % len(pack)]
        chroma, description = chroma_of(drawn), drawn.description
        for phrase in description.phrases:
            inside = drawn.coverage[phrase.mask] > 250
            said = [word for word in description.text[phrase.start : phrase.end].split() if word in COLORS]
            if not inside.any() or len(said) != 1 or COLORS[said[0]].chroma < 25:
                continue
            hue = np.degrees(np.arctan2(*chroma[::-1, inside].mean(1))) % 360
            away = abs((hue - COLORS[said[0]].hue + 180) % 360 - 180)
            kept = np.abs(chroma[:, inside] - own[:, inside]).max() < 0.6  # its own color, rightly named
            assert kept or away < 30, (description.text, hue)
            checked += 1
        unnamed = ~np.any([drawn.coverage[phrase.mask] > 2 for phrase in description.phrases], axis=0)
        assert np.abs(chroma[:, unnamed] - own[:, unnamed]).max(initial=0) < 0.6
    assert checked > 15


def test_chroma_is_that_of_photos_unless_a_caption_asks_for_more():
    rng = np.random.default_rng(0)
    paints = [draw_paint(rng, 55.0) for _ in range(2000)]
    plain = [paint.strength for paint in paints if paint.words == paint.color.word and paint.color.chroma > 20]
    strong = [paint.strength for paint in paints if paint.words.startswith("neon ")]
    assert max(plain) <= photo_pack.PHOTOGRAPHED[1]
    assert min(strong) > photo_pack.PHOTOGRAPHED[1]
    assert not any(paint.words.startswith("dark ") for paint in paints)  # at L 55 nothing is dark
    assert {paint.words for paint in [draw_paint(rng, 10.0) for _ in range(200)]} >= {"black"}


def test_a_folder_without_views_is_refused(tmp_path):
    (tmp_path / "captions.jsonl").write_text("")
    np.save(tmp_path / "rgb.npy", np.zeros((0, 8, 8, 3), np.uint8))
    np.save(tmp_path / "coverage.npy", np.zeros((0, 6, 2, 2), np.uint8))
    with pytest.raises(ValueError, match="objects"):
        PhotoPack(tmp_path)


def test_the_recipe_trains_stops_travels_in_parts_and_goes_on(collection, tmp_path, monkeypatch):
    carried, out, elsewhere = tmp_path / "carried.zip", tmp_path / "out", tmp_path / "elsewhere"
    monkeypatch.setattr(photos, "HELD_OUT_DRAWS", 2)

    def call(*arguments):
        monkeypatch.setattr(sys, "argv", ["photos", *map(str, arguments)])
        photos.main()

    call(collection, "--out", out, "--carry", carried, "--carry-side", "64")
    common = ["--views", "1", "--batch-size", "2", "--cooldown", "1", "--learning-rate", "1e-5", "--parts"]
    call(carried, "--out", out, *common, "--steps", "1")
    assert max(part.stat().st_size for part in (out / "parts").iterdir()) <= portable.MOST_PART
    elsewhere.mkdir()
    (out / "parts").rename(elsewhere / "parts")
    call(carried, "--out", elsewhere, *common, "--steps", "2", "--share", "0.5")
    steps = [json.loads(line)["step"] for line in (elsewhere / "denoiser" / "log.jsonl").read_text().splitlines()]
    assert steps == [2]  # the first step was taken before
    before, after = load_pipeline("mini"), load_pipeline(elsewhere / "checkpoint")
    moved = [(a - b).abs().max() for a, b in zip(before.unet.parameters(), after.unet.parameters(), strict=True)]
    assert 0 < max(moved) < 1e-2
    assert after.settings == before.settings


def test_parts_of_a_state_must_all_be_there(tmp_path):
    state = tmp_path / "state-1"
    state.mkdir()
    (state / "weights").write_bytes(bytes(range(256)) * 40)
    parts = portable.write_parts(state, tmp_path / "parts", most=4000)
    assert len(parts) > 2
    assert (portable.join_parts(parts, tmp_path / "back") / "weights").read_bytes() == bytes(range(256)) * 40
    for some in (parts[1:], parts[:1] + parts[2:], []):
        with pytest.raises(ValueError, match="all parts"):
            portable.join_parts(some, tmp_path / "again")
