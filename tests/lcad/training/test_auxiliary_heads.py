import numpy as np
import pytest
import torch

from lcad.training.auxiliary_heads import SightConfig, SightObjective, borders_of
from lcad.training.loop import LoopConfig, Training

CONFIG = SightConfig(batch_size=2, validation_items=2)


def test_borders_lie_where_another_mask_begins():
    coverage = torch.zeros(1, 2, 4, 4)
    coverage[0, 0, :, :2] = 1
    coverage[0, 1, 2:, 2:] = 1  # the upper right quarter is covered by none
    right, below = borders_of(coverage)[0]
    assert right[:, 1].all()
    assert not right[:, [0, 2, 3]].any()
    assert below[1, 2:].all()
    assert not below[1, :2].any()
    assert not below[[0, 2, 3]].any()


@pytest.mark.slow
def test_only_the_luminance_encoder_and_the_heads_move(tiny_model, packs):
    objective = SightObjective(tiny_model.autoencoder, *packs, CONFIG)
    moving = {name for name, p in tiny_model.autoencoder.named_parameters() if p.requires_grad}
    assert moving
    assert all(name.startswith("luminance_encoder.") for name in moving)
    loss, parts = objective.loss(objective.modules, torch.Generator().manual_seed(0))
    loss.backward()
    assert set(parts) == {"detail", "borders", "figure", "chroma"}
    assert parts["figure"] == 0, "these packs do not know what is figure"
    assert all(p.grad is not None for p in objective.modules.parameters() if p.requires_grad)


@pytest.mark.slow
def test_a_known_figure_counts_and_chroma_then_does_not(tiny_model, packs, monkeypatch):
    cells = packs[0].coverage.shape[-1]
    monkeypatch.setattr(type(packs[0]), "figure", lambda self, item: np.ones((cells, cells), np.float32))
    objective = SightObjective(tiny_model.autoencoder, *packs, CONFIG)
    _, parts = objective.loss(objective.modules, torch.Generator().manual_seed(0))
    assert parts["figure"] > 0
    assert parts["chroma"] == 0


@pytest.mark.slow
def test_training_lowers_the_loss_on_what_it_trains_on(tmp_path, tiny_model, packs):
    objective = SightObjective(tiny_model.autoencoder, packs[0], packs[0], CONFIG)
    before = objective.validation_loss(objective.modules)
    Training(objective, LoopConfig(30, learning_rate=5e-3, warmup=1, ema_decay=0.5, validate_every=100), tmp_path / "run").run()
    assert objective.validation_loss(objective.modules) < 0.9 * before


def test_validation_is_the_same_each_time(tiny_model, packs):
    objective = SightObjective(tiny_model.autoencoder, *packs, CONFIG)
    assert objective.validation_loss(objective.modules) == pytest.approx(objective.validation_loss(objective.modules))
