from dataclasses import replace

import pytest
import torch

from lcad.training.denoiser import DenoiserConfig, DenoiserObjective, published_parts
from lcad.training.packed_dataset import encode, write_pack
from tests.lcad.training.conftest import SIDE, squares

pytestmark = pytest.mark.slow


CONFIG = DenoiserConfig(batch_size=4)


def objective(model, packs, config=CONFIG):
    return DenoiserObjective(model.unet, model.text_encoder, model.tokenizer, model.scheduler, *packs, config)


@pytest.mark.slow
def test_training_lowers_the_loss_on_a_fixed_batch(tiny_model, packs):
    made = objective(tiny_model, packs)
    parameters = [p for p in made.modules.parameters() if p.requires_grad]
    optimizer, losses = torch.optim.AdamW(parameters, lr=5e-3), []
    for _ in range(12):
        loss, parts = made.loss(made.modules, torch.Generator().manual_seed(7))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < 0.9 * losses[0]
    assert set(parts) == {"denoising", "attention"}


def test_the_batch_depends_on_the_generator_alone(tiny_model, packs):
    made = objective(tiny_model, packs)
    one, again, other = (made.loss(made.modules, torch.Generator().manual_seed(seed))[0].item() for seed in (1, 1, 2))
    assert one == again
    assert one != other


@pytest.mark.slow
def test_the_validation_loss_is_fixed_whatever_was_drawn_before(tiny_model, packs):
    made = objective(tiny_model, packs)
    with torch.no_grad():
        before = made.validation_loss(made.modules)
        torch.rand(5)
        assert made.validation_loss(made.modules) == before


def test_masks_reach_the_denoiser_as_a_bias_and_need_no_attention_loss(tiny_model, packs):
    """With masks for all of a batch or for none, everything else alike."""
    without, aided = (
        objective(tiny_model, packs, replace(CONFIG, masked_share=share, caption_dropout=0.0, phrase_unmasked=0.0)) for share in (0.0, 1.0)
    )
    parts = [made.loss(made.modules, torch.Generator().manual_seed(3))[1] for made in (without, aided)]
    assert parts[0]["denoising"] != parts[1]["denoising"]
    assert parts[0]["attention"] > 0
    assert parts[1]["attention"] == 0, "what a mask points out is not found by the denoiser itself"


def test_the_attention_loss_moves_the_queries_and_the_words(tiny_model, packs):
    made = objective(tiny_model, packs, replace(CONFIG, masked_share=0.0, caption_dropout=0.0))
    drawn = [packs[0].drawn(item, packs[0].descriptions[item][0]) for item in (0, 1)]
    batch = made._batch(made.modules, drawn, torch.zeros(2), torch.ones(2, 6) > 0)
    noise = torch.randn(batch.latents.shape, generator=torch.Generator().manual_seed(0))
    made._losses(made.modules, batch, torch.tensor([900, 500]), noise)[2].backward()
    moved = {name for name, p in made.modules.named_parameters() if p.grad is not None and p.grad.abs().sum() > 0}
    assert any(name.endswith("attn2.to_q.weight") for name in moved)
    assert any(name.endswith("attn2.to_k.weight") for name in moved)
    assert any(name.startswith("text_encoder") for name in moved)


def test_the_published_stage_moves_only_its_parts(tiny_model, packs):
    made = objective(tiny_model, packs, replace(CONFIG, trained="published"))
    moving = {id(p) for p in made.modules.parameters() if p.requires_grad}
    assert moving == {id(p) for part in published_parts(tiny_model.unet) for p in part.parameters()}


def test_the_noise_schedule_is_followed(tiny_model, packs):
    """A denoiser that knew the noise would have no loss: at the target's own value the error is zero for v and for epsilon."""
    for kind in ("v_prediction", "epsilon"):
        tiny_model.scheduler.register_to_config(prediction_type=kind)
        made = objective(tiny_model, packs)
        drawn = [packs[0].drawn(0, packs[0].descriptions[0][0])]
        batch = made._batch(made.modules, drawn, torch.zeros(1), torch.ones(1, 6) > 0)
        noise = torch.randn(batch.latents.shape, generator=torch.Generator().manual_seed(0))
        kept = tiny_model.scheduler.alphas_cumprod[700]
        target = noise if kind == "epsilon" else kept.sqrt() * noise - (1 - kept).sqrt() * batch.latents
        expected = (tiny_model_prediction(made, batch, kept, noise) - target).square().mean()
        assert torch.allclose(made._losses(made.modules, batch, torch.tensor([700]), noise)[1], expected, rtol=1e-4)


def tiny_model_prediction(made, batch, kept, noise):
    noisy = kept.sqrt() * batch.latents + (1 - kept).sqrt() * noise
    text = made.modules["text_encoder"](batch.ids).last_hidden_state
    return made.modules["unet"](torch.cat([noisy, batch.feature], 1), torch.tensor([700]), encoder_hidden_states=text).sample


def test_packs_without_latents_and_other_schedules_are_refused(tmp_path, tiny_model, packs):
    bare = write_pack(tmp_path / "bare", squares(2), 2, SIDE)
    with pytest.raises(ValueError, match=r"training pack .* has no latents"):
        objective(tiny_model, (bare, packs[1]))
    tiny_model.scheduler.register_to_config(prediction_type="sample")
    with pytest.raises(ValueError, match="'sample'"):
        objective(tiny_model, packs)


def test_examples_that_are_trusted_more_are_drawn_more_often(tmp_path, tiny_model):
    examples = [
        replace(example, descriptions=tuple(replace(one, weight=0.25 if place else 1.0) for one in example.descriptions))
        for place, example in enumerate(squares(4))
    ]
    pack = encode(write_pack(tmp_path / "weighed", examples, 4, SIDE), tiny_model.autoencoder)
    assert pack.weights.tolist() == [1.0, 0.25, 0.25, 0.25]
    made = objective(tiny_model, (pack, pack))
    drawn = made._items(7000, torch.Generator().manual_seed(0))
    assert 0.53 < drawn.count(0) / 7000 < 0.61, "4 of 7"
