from dataclasses import replace

import pytest
import torch

from lcad.imaging import rgb_to_lab
from lcad.models import LuminanceAutoencoder
from lcad.training.luminance import ANCHOR_CHROMA, LuminanceConfig, LuminanceObjective, anchored, chroma_of, disturb, parts_of

CONFIG = LuminanceConfig(batch_size=4, crop=16, trained="everything")


@pytest.fixture
def autoencoder():
    """A tiny autoencoder whose eight latent channels can be anchored."""
    torch.manual_seed(0)
    return LuminanceAutoencoder(
        block_out_channels=(8, 8, 16), latent_channels=8, layers_per_block=1, norm_num_groups=4, mid_block_add_attention=False
    )


@pytest.mark.parametrize("trained", ["luminance", "decoder", "everything"])
@pytest.mark.slow
def test_training_lowers_the_loss_and_moves_only_what_is_trained(autoencoder, packs, trained):
    before = {name: p.detach().clone() for name, p in autoencoder.named_parameters()}
    made = LuminanceObjective(autoencoder, *packs, replace(CONFIG, trained=trained))
    optimizer = torch.optim.AdamW([p for p in made.modules.parameters() if p.requires_grad], lr=5e-3)
    losses = []
    for _ in range(10):
        loss, _ = made.loss(made.modules, torch.Generator().manual_seed(1))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < 0.95 * losses[0]
    moved = {name for name, p in autoencoder.named_parameters() if not torch.equal(p, before[name])}
    parts = {"luminance": ("luminance_encoder.",), "decoder": ("decoder.", "luminance_encoder.feature_convs."), "everything": ("",)}
    assert all(name.startswith(parts[trained]) for name in moved)
    assert {name.split(".")[0] for name in moved} >= {"luminance": {"luminance_encoder"}}.get(trained, {"decoder", "luminance_encoder"})


@pytest.mark.slow
def test_a_new_decoder_leaves_what_a_denoiser_learned(autoencoder, packs):
    rgb = torch.rand(1, 3, 32, 32)

    def seen():
        with torch.no_grad():
            return autoencoder.encode(rgb).latent_dist.mode(), autoencoder.luminance_encoder(rgb)[-1]

    before = seen()
    made = LuminanceObjective(autoencoder, *packs, replace(CONFIG, trained="decoder"))
    optimizer = torch.optim.AdamW([p for p in made.modules.parameters() if p.requires_grad], lr=5e-2)
    made.loss(made.modules, torch.Generator().manual_seed(1))[0].backward()
    optimizer.step()
    assert all(torch.equal(one, other) for one, other in zip(before, seen(), strict=True))


def test_gray_has_no_chroma_and_a_color_keeps_its_own_under_more_light():
    assert chroma_of(torch.full((1, 3, 2, 2), 0.4)).abs().max() < 1e-6
    color = torch.rand(1, 3, 2, 2)
    assert torch.allclose(chroma_of(color), chroma_of(color + 0.1), atol=1e-6)


def test_the_anchor_is_reached_by_the_mean_chroma_of_the_quarters_of_each_cell():
    rgb = torch.zeros(1, 3, 8, 8)
    rgb[:, 0, :, :2] = 0.8
    assert anchored(torch.zeros(1, 8, 2, 2), rgb) > 1
    a, b = (rgb_to_lab(rgb)[0, channel, 0, 0] / ANCHOR_CHROMA for channel in (1, 2))
    mode = torch.zeros(1, 8, 2, 2)
    mode[:, [0, 2], :, 0], mode[:, [4, 6], :, 0] = a, b  # the left quarters of the left cells
    assert anchored(mode, rgb) < 1e-9


def test_other_numbers_of_channels_cannot_be_anchored():
    assert [parts_of(torch.zeros(1, channels, 2, 2)) for channels in (2, 8, 18)] == [1, 2, 3]
    with pytest.raises(ValueError, match="got 4"):
        parts_of(torch.zeros(1, 4, 2, 2))


def test_disturbing_is_drawn_by_sample_and_leaves_others_alone():
    latents = torch.randn(64, 8, 4, 4, generator=torch.Generator().manual_seed(0))
    changed = (disturb(latents, CONFIG, torch.Generator().manual_seed(1)) != latents).flatten(1).any(1)
    assert 0.2 < changed.float().mean() < 0.8
    assert torch.equal(disturb(latents, replace(CONFIG, disturbed=0.0), torch.Generator().manual_seed(1)), latents)


@pytest.mark.slow
def test_the_validation_loss_is_of_whole_undisturbed_pictures(autoencoder, packs):
    made = LuminanceObjective(autoencoder, *packs, CONFIG)
    with torch.no_grad():
        assert made.validation_loss(made.modules) == made.validation_loss(made.modules)
