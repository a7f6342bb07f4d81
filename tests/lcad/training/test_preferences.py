"""Learning from preferences moves the denoiser toward winners and away from losers, and starts as the base."""

import json
import math

import numpy as np
import PIL.Image
import pytest
import torch

from lcad import load_pipeline
from lcad.training.finetuning import FineTuning, finetune
from lcad.training.preferences import PreferenceConfig, PreferenceObjective, pack_pairs
from tests.lcad.training.conftest import SIDE, squares

CONFIG = PreferenceConfig(batch_size=4, keep=0.0)


@pytest.fixture
def pairs_folder(tmp_path):
    """Pairs whose winners have color and whose losers are the same pictures in gray: 6 to train on, 3 to validate."""
    for split, count, seed in (("train", 6, 0), ("validation", 3, 1)):
        for side in ("winners", "losers"):
            folder = tmp_path / "pairs" / split / side
            folder.mkdir(parents=True)
            rows = []
            for number, example in enumerate(squares(count, seed)):
                rgb = example.rgb if side == "winners" else np.repeat(example.rgb.mean(-1, keepdims=True).astype(np.uint8), 3, -1)
                PIL.Image.fromarray(rgb).save(folder / f"{number}.png")
                rows.append(json.dumps({"color_file_name": f"{number}.png", "caption": example.descriptions[0].text, "regions": "[]"}))
            (folder / "metadata.jsonl").write_text("\n".join(rows))
        lines = [json.dumps({"certainty": 1.0 if number % 2 else 0.5}) for number in range(count)]
        (tmp_path / "pairs" / split / "pairs.jsonl").write_text("\n".join(lines))
    return tmp_path / "pairs"


@pytest.fixture
def pairs(pairs_folder, tmp_path, tiny_model):
    return [pack_pairs(pairs_folder, split, tmp_path / "packs", SIDE, tiny_model.autoencoder) for split in ("train", "validation")]


def objective(model, pairs, config=CONFIG):
    return PreferenceObjective(model.unet, model.text_encoder, model.tokenizer, model.scheduler, *pairs, config)


@pytest.mark.slow
def test_the_base_itself_prefers_nothing(tiny_model, pairs):
    """Where denoiser and base are the same, every margin is 0 and the loss is −log σ(0), whatever beta is."""
    made = objective(tiny_model, pairs)
    loss, parts = made.loss(made.modules, torch.Generator().manual_seed(1))
    assert loss.item() == pytest.approx(math.log(2), abs=1e-4)
    assert parts == {"preferred": pytest.approx(0.0, abs=1.0), "change": pytest.approx(0.0, abs=1e-10)}


@pytest.mark.parametrize("method", ["dpo", "winners"])
@pytest.mark.slow
def test_training_brings_winners_nearer_and_leaves_base_and_words_alone(tiny_model, pairs, method):
    made = objective(tiny_model, pairs, PreferenceConfig(batch_size=4, method=method, keep=0.0, beta=500.0))
    words = [p.clone() for p in tiny_model.text_encoder.parameters()]
    base = [p.clone() for p in made.base.parameters()]
    trained = [p for p in made.modules.parameters() if p.requires_grad]
    optimizer, losses = torch.optim.AdamW(trained, lr=2e-3), []
    for _ in range(15):
        loss, parts = made.loss(made.modules, torch.Generator().manual_seed(7))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < 0.9 * losses[0]
    if method == "dpo":
        assert parts["preferred"] > 0.7
    assert all(torch.equal(a, b) for a, b in zip(words, tiny_model.text_encoder.parameters(), strict=True))
    assert all(torch.equal(a, b) for a, b in zip(base, made.base.parameters(), strict=True))


@pytest.mark.slow
def test_keeping_the_base_s_predictions_weighs_against_change(tiny_model, pairs):
    made = objective(tiny_model, pairs, PreferenceConfig(batch_size=4, keep=10.0))
    with torch.no_grad():
        for parameter in made.modules["unet"].conv_out.parameters():
            parameter += 0.1
    loss, parts = made.loss(made.modules, torch.Generator().manual_seed(1))
    free, _ = objective_of_same(made, keep=0.0).loss(made.modules, torch.Generator().manual_seed(1))
    assert parts["change"] > 0
    assert loss.item() == pytest.approx(free.item() + 10 * parts["change"], rel=1e-4)


def objective_of_same(made, **changes):
    """The same objective with other settings."""
    other = object.__new__(PreferenceObjective)
    vars(other).update(vars(made))
    other.config = PreferenceConfig(batch_size=4, **changes)
    return other


@pytest.mark.slow
def test_the_validation_loss_is_fixed_whatever_was_drawn_before(tiny_model, pairs):
    made = objective(tiny_model, pairs)
    with torch.no_grad():
        before = made.validation_loss(made.modules)
        torch.rand(5)
        assert made.validation_loss(made.modules) == before


@pytest.mark.slow
def test_a_checkpoint_comes_of_pairs_and_the_same_command_finds_it_done(pairs_folder, tiny_folder, tmp_path):
    config = FineTuning(pairs_folder, tiny_folder, tmp_path / "out", "preferences", steps=2, batch_size=2, trained="published")
    assert finetune(config)
    before, after = load_pipeline(tiny_folder), load_pipeline(tmp_path / "out")
    assert any(not torch.equal(a, b) for a, b in zip(before.unet.parameters(), after.unet.parameters(), strict=True))
    rows = [json.loads(line) for line in (tmp_path / "out" / "training" / "log.jsonl").read_text().splitlines()]
    assert rows[0]["validation_loss"] == pytest.approx(math.log(2), abs=1e-4)


def test_pairs_that_do_not_belong_together_are_named(pairs_folder, tmp_path, tiny_model):
    (pairs_folder / "train" / "pairs.jsonl").write_text('{"certainty": 1.0}')
    with pytest.raises(ValueError, match=r"pairs\.jsonl has 1 pairs, .*winners 6 pictures"):
        pack_pairs(pairs_folder, "train", tmp_path / "packs", SIDE, tiny_model.autoencoder)
    with pytest.raises(ValueError, match="pairs exported from studies"):
        pack_pairs(pairs_folder, "test", tmp_path / "packs", SIDE, tiny_model.autoencoder)
    with pytest.raises(ValueError, match="expected a method of dpo, winners"):
        PreferenceConfig(method="ppo")
