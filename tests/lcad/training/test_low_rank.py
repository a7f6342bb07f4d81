from dataclasses import replace

import pytest
import torch

from lcad.training.denoiser import DenoiserConfig, DenoiserObjective
from lcad.training.low_rank import fold_low_rank

pytestmark = pytest.mark.slow
CONFIG = DenoiserConfig(batch_size=4, lora_rank=2)


def objective(model, packs, config=CONFIG):
    return DenoiserObjective(model.unet, model.text_encoder, model.tokenizer, model.scheduler, *packs, config)


def validation_loss(made):
    with torch.no_grad():
        return made.validation_loss(made.modules)


def trained(made, steps=6, rate=0.02):
    optimizer = torch.optim.AdamW([p for p in made.modules.parameters() if p.requires_grad], lr=rate)
    for seed in range(steps):
        loss, parts = made.loss(made.modules, torch.Generator().manual_seed(seed))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return parts


def test_additions_begin_at_nothing_learn_alone_and_fold_into_the_weights(tiny_model, packs):
    names, own = set(tiny_model.unet.state_dict()), {n: w.clone() for n, w in tiny_model.unet.state_dict().items()}
    before = validation_loss(objective(tiny_model, packs, replace(CONFIG, lora_rank=0)))
    made = objective(tiny_model, packs)
    assert validation_loss(made) == pytest.approx(before, abs=1e-6)
    learning = [name for name, p in made.modules.named_parameters() if p.requires_grad]
    assert learning
    assert all("lora_" in name for name in learning)
    trained(made)
    after = validation_loss(made)
    assert abs(after - before) > 1e-5
    fold_low_rank(tiny_model.unet)
    assert set(tiny_model.unet.state_dict()) == names
    assert validation_loss(made) == pytest.approx(after, abs=1e-5)
    changed = {n for n, w in tiny_model.unet.state_dict().items() if not torch.equal(w, own[n])}
    assert changed
    assert all(".attn" in name for name in changed)


def test_what_the_base_predicts_is_kept_the_more_the_more_it_weighs(tiny_folder, packs):
    from lcad import load_pipeline

    far = [
        trained(objective(load_pipeline(tiny_folder), packs, replace(CONFIG, lora_rank=0, keep=keep)), rate=0.002)["change"]
        for keep in (1e-6, 100.0)
    ]
    assert far[1] < far[0] / 2
