import json

import numpy as np
import PIL.Image
import pytest
import torch

from lcad.checkpoints import read_components
from pipelines.composing.photo_parts import square_planes
from pipelines.pretraining import photo_prior
from pipelines.pretraining.photo_sources import read_names


@pytest.fixture
def photos(tmp_path):
    """A collection of twenty small photos of two sources."""
    rng, rows = np.random.default_rng(0), []
    for number in range(20):
        name = f"{number:02}.jpg"
        PIL.Image.fromarray(rng.integers(0, 255, (48, 64, 3), np.uint8)).resize((160, 120)).save(tmp_path / name)
        rows.append({"file_name": name, "source": "ab"[number % 2]})
    (tmp_path / "photos.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return tmp_path


def test_the_last_of_each_source_and_of_those_with_masks_are_held_out(photos):
    lines = [json.dumps({"file_name": f"{number:02}.jpg"}) + "\n" for number in range(10)]
    (photos / "human_masks.jsonl").write_text("".join(lines))
    training, held_out = read_names(photos)
    assert held_out == ["09.jpg", "18.jpg", "19.jpg"]
    assert len(training) == 17


@pytest.mark.parametrize("whole", [True, False])
def test_a_square_shows_a_part_of_the_photo_or_all_of_it(whole):
    picture = np.tile(np.arange(160, dtype=np.uint8)[None, :, None], (120, 1, 3))
    (square,) = square_planes(np.random.default_rng(1), [picture], 80, whole)
    assert square.shape == (80, 80, 3)
    seen = int(square[40].max()) - int(square[40].min())
    assert seen > 150 if whole else seen < 125


def test_a_folder_without_a_list_is_named(tmp_path):
    with pytest.raises(SystemExit, match=r"photos\.jsonl is missing"):
        photo_prior.main([str(tmp_path), "--out", str(tmp_path / "out")])


@pytest.mark.slow
def test_only_the_heads_move_and_the_checkpoint_reads_them(photos, capsys):
    out = photos / "out"
    photo_prior.main([str(photos), "--out", str(out), "--steps", "2", "--views", "1"])
    said = capsys.readouterr().out
    assert "before: ΔE00" in said
    assert "after: ΔE00" in said
    before = read_components("mini").autoencoder
    after = type(before).from_pretrained(out / "autoencoder")
    pairs = zip(before.state_dict().items(), after.state_dict().values(), strict=True)
    moved = {name for (name, own), other in pairs if not torch.equal(own.half(), other.half())}
    assert any(name.startswith("color_prior.heads") for name in moved)
    assert all(name.startswith("color_prior.heads") or name == "color_prior.gain" for name in moved)
