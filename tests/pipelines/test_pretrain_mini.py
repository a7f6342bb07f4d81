import json
import sys
from itertools import islice

import numpy as np
import PIL.Image
import pytest

from lcad import load_pipeline
from pipelines import pretrain_mini
from pipelines.composing.sources import held_out, parted, read_backdrops, read_cutouts
from tests.pipelines.drawn import disc, slope

LABELS = [f"thing {n}" for n in range(24)]


@pytest.fixture
def sources(tmp_path):
    """A folder of 24 cut-outs and 24 photos, some of them held out by their labels."""
    folder = tmp_path / "sources"
    folder.mkdir()
    for name, pixels in (("cutouts", disc().rgba), ("photos", slope().rgb)):
        rows = []
        for n, label in enumerate(LABELS):
            PIL.Image.fromarray(pixels).save(folder / f"{name}{n}.png")
            rows.append(json.dumps({"file_name": f"{name}{n}.png", "label": label}))
        (folder / f"{name}.jsonl").write_text("\n".join(rows))
    return folder


def test_the_recipe_runs_from_pictures_to_a_checkpoint_and_resumes(tmp_path, sources, monkeypatch):
    out = tmp_path / "out"
    small = ["--scenes", "6", "--validation", "2", "--autoencoder-steps", "1", "--batch-size", "2", "--export-every", "1"]

    def run(denoiser_steps):
        monkeypatch.setattr(sys, "argv", ["pretrain_mini", str(sources), "--out", str(out), *small, "--denoiser-steps", denoiser_steps])
        pretrain_mini.main()

    run("1")
    gray = np.tile(np.arange(128, dtype=np.uint8), (128, 1))
    (image,) = load_pipeline(out / "checkpoint")([gray], ["a red cup"], steps=2)
    assert image.size == (128, 128)
    run("2")
    steps = [json.loads(line)["step"] for line in (out / "denoiser" / "log.jsonl").read_text().splitlines()]
    assert steps == [0, 1, 2], "the second run went on where the first ended"
    weights = sum(path.stat().st_size for path in (out / "checkpoint").rglob("*.safetensors"))
    assert weights < 40e6


def test_an_example_depends_on_its_seed_and_number_alone(sources):
    cutouts, photos = read_cutouts(sources), read_backdrops(sources)
    one, again = (list(islice(pretrain_mini.draw_examples(3, cutouts, photos), 4)) for _ in range(2))
    assert all(np.array_equal(a.rgb, b.rgb) and a.descriptions == b.descriptions for a, b in zip(one, again, strict=True))
    assert not np.array_equal(one[0].rgb, one[1].rgb)


def test_held_out_labels_never_train(sources):
    kept, out = parted(read_cutouts(sources))
    assert {c.label for c in kept} | {c.label for c in out} == set(LABELS)
    assert not {c.label for c in kept} & {c.label for c in out}
    assert all(held_out(c.label) for c in out)
    assert out


def test_a_missing_or_broken_listing_is_named(tmp_path, sources):
    with pytest.raises(ValueError, match=r"cutouts\.jsonl is missing"):
        read_cutouts(tmp_path)
    (sources / "photos.jsonl").write_text('{"file_name": "photos0.png"}\n')
    with pytest.raises(ValueError, match=r"photos\.jsonl, line 1"):
        read_backdrops(sources)
