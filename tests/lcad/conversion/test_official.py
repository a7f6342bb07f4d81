"""Official state dicts become components and come back unchanged; what does not fit is named before anything is loaded."""

import pytest
import torch
from diffusers import DDPMScheduler
from diffusers.loaders.single_file_utils import convert_ldm_unet_checkpoint, convert_ldm_vae_checkpoint

from lcad.conversion import components_from_official, official_from_components, official_state_dict
from lcad.conversion.official import load_text, schedule_buffers
from lcad.conversion.official_tensor_names import part_of, unused_kind
from lcad.sampler import BETAS, default_scheduler


def without(weights, *prefixes):
    return {name: tensor for name, tensor in weights.items() if not name.startswith(prefixes)}


@pytest.mark.slow
def test_official_weights_come_back_bit_by_bit_and_sizes_are_inferred(lcad_components, official):
    autoencoder, unet = components_from_official(official)
    for before, after in zip((lcad_components.autoencoder, lcad_components.unet), (autoencoder, unet), strict=True):
        assert before.state_dict().keys() == after.state_dict().keys()
        assert all(torch.equal(after.state_dict()[name], weights) for name, weights in before.state_dict().items())
    again = official_from_components(autoencoder, unet)
    needed = {name for name in official if unused_kind(name) is None and part_of(name) != "text encoder"}
    assert again.keys() == needed
    assert all(again[name].shape == official[name].shape and torch.equal(again[name], official[name]) for name in needed)
    assert unet.config.in_channels == 68
    assert tuple(autoencoder.config.block_out_channels) == (32, 64)
    assert not any(component.training for component in (autoencoder, unet))


@pytest.mark.slow
def test_float32_weights_are_taken_over_without_a_copy(official):
    autoencoder, unet = components_from_official(official)
    names = {"first_stage_model.quant_conv.weight": autoencoder.quant_conv, "model.diffusion_model.out.2.weight": unet.conv_out}
    for name, layer in names.items():
        assert layer.weight.data_ptr() == official[name].data_ptr()
        assert layer.weight.requires_grad


@pytest.mark.slow
def test_half_precision_weights_become_float32(official):
    halves = {name: tensor.half() if tensor.is_floating_point() else tensor for name, tensor in official.items()}
    autoencoder, unet = components_from_official(halves)
    assert {p.dtype for p in (*autoencoder.parameters(), *unet.parameters())} == {torch.float32}
    assert torch.equal(unet.conv_out.weight, halves["model.diffusion_model.out.2.weight"].float())


def test_the_official_names_are_those_that_diffusers_converts_from(lcad_components, official):
    """An independent reader of the same names: diffusers' converters for Stable Diffusion."""
    autoencoder, unet = lcad_components.autoencoder, lcad_components.unet
    read = convert_ldm_unet_checkpoint(without(official, "model_ema."), dict(unet.config))
    assert read.keys() == unet.state_dict().keys()
    assert all(torch.equal(read[name], weights) for name, weights in unet.state_dict().items())
    plain = without(official, "first_stage_model.g_encoder.", "first_stage_model.loss.")
    config = {"down_block_types": [0] * 2, "up_block_types": [0] * 2}
    read = convert_ldm_vae_checkpoint(plain, config)
    ours = without(autoencoder.state_dict(), "luminance_encoder.")
    assert read.keys() == ours.keys()
    assert all(torch.equal(read[name], weights) for name, weights in ours.items())


def test_the_luminance_encoders_names_are_the_published_ones(official):
    prefix = "first_stage_model.g_encoder."
    for name in (
        "conv_in.weight", "down.0.block.1.conv2.bias", "down.0.zero_conv.0.weight", "down.1.zero_conv.1.bias",
        "down.0.downsample.conv.weight", "mid.attn_1.q.weight", "mid.attn_1.proj_out.bias", "zero_conv_mid1.weight",
        "zero_conv_mid2.bias", "down.1.block.0.nin_shortcut.weight", "norm_out.weight", "conv_out.bias",
    ):  # fmt: skip
        assert prefix + name in official, name
    assert official[prefix + "mid.attn_1.q.weight"].shape == (64, 64, 1, 1)


@pytest.mark.slow
def test_missing_and_unexpected_tensors_are_named_and_counted_by_part(official):
    gone = [name for name in official if name.startswith("model.diffusion_model.middle_block.0.")]
    skip = "first_stage_model.g_encoder.zero_conv_mid1.bias"
    strange = {"first_stage_model.decoder.extra.weight": torch.zeros(1), "control_model.input_hint_block.0.weight": torch.zeros(1)}
    with pytest.raises(ValueError, match=f"{len(gone) + 1} missing tensors: ") as raised:
        components_from_official(without(official, *gone, skip) | strange)
    said = str(raised.value)
    assert f"{len(gone)} of denoiser ({', '.join(gone[:5])} and {len(gone) - 5} more)" in said
    assert f"1 of luminance encoder ({skip})" in said
    assert "2 unexpected tensors: 1 of autoencoder (first_stage_model.decoder.extra.weight), 1 of no known part (control_model." in said


@pytest.mark.slow
def test_tensors_that_nothing_calls_are_no_reason_to_refuse(official):
    kinds = {unused_kind(name) for name in official} - {None}
    assert kinds == {"noise schedule", "running averages", "losses", "luminance encoder's output layers", "positions of tokens"}
    bare = {name: tensor for name, tensor in official.items() if unused_kind(name) is None}
    assert len(components_from_official(bare)[1].state_dict()) == len(components_from_official(official)[1].state_dict())


@pytest.mark.parametrize("gone", ["first_stage_model.encoder.down.0.block.0.conv2.weight", "model.diffusion_model.out.2.weight"])
def test_a_missing_tensor_that_the_size_is_read_from_is_named_too(official, gone):
    with pytest.raises(ValueError, match=gone.replace(".", r"\.")):
        components_from_official(without(official, gone))


@pytest.mark.parametrize(
    ("prefixes", "says"),
    [
        (("model.diffusion_model.",), "the denoiser is missing altogether: no tensor's name begins with model.diffusion_model."),
        (("first_stage_model.g_encoder.",), "these are weights of Stable Diffusion, not of L-CAD"),
        (("model.diffusion_model.", "first_stage_model."), "these are weights of neither L-CAD nor Stable Diffusion"),
    ],
)
def test_a_missing_part_is_named(official, prefixes, says):
    with pytest.raises(ValueError, match=says):
        components_from_official(without(official, *prefixes))


@pytest.mark.parametrize("shape", [(3, 3), (32, 128)], ids=["another size", "turned around"])
@pytest.mark.slow
def test_a_tensor_of_the_wrong_shape_is_named_with_both_shapes(official, shape):
    name = "model.diffusion_model.time_embed.0.weight"
    with pytest.raises(ValueError, match=r"1 tensors of another shape: 1 of denoiser \(.*time_embed\.0\.weight is") as raised:
        components_from_official(official | {name: torch.zeros(shape)})
    assert f"{shape}, expected (128, 32)" in str(raised.value)


def test_the_text_encoders_own_weights_are_read_and_held_to_the_bases_size(tiny, official):
    moved = {name: tensor + 1 if "final_layer_norm" in name else tensor for name, tensor in official.items()}
    kind, config = type(tiny.text_encoder), tiny.text_encoder.config
    text_encoder = kind(config)
    assert load_text(text_encoder, moved)
    expected = {n: t + 1 if "final_layer_norm" in n else t for n, t in tiny.text_encoder.state_dict().items()}
    assert all(torch.equal(tensor, expected[name]) for name, tensor in text_encoder.state_dict().items())
    assert not load_text(text_encoder, without(official, "cond_stage_model."))
    name = "cond_stage_model.transformer.text_model.final_layer_norm.weight"
    with pytest.raises(ValueError, match=r"1 of text encoder \(.*final_layer_norm\.weight is \(3,\), expected \(16,\)"):
        load_text(text_encoder, official | {name: torch.zeros(3)})


def test_the_whole_state_dict_carries_every_part_and_the_noise_schedule(lcad_components):
    weights = official_state_dict(lcad_components)
    parts = {part_of(name) for name in weights if unused_kind(name) is None}
    assert parts == {"denoiser", "luminance encoder", "autoencoder", "text encoder"}
    idle = {name: tensor for name, tensor in weights.items() if unused_kind(name) == "luminance encoder's output layers"}
    for name, tensor in idle.items():
        assert tensor.shape == weights[name.replace("g_encoder", "encoder")].shape


def test_the_schedules_buffers_are_what_the_forward_process_and_its_posterior_need():
    """Against diffusers' ancestral sampler, which computes the same posterior step by step."""
    buffers, reference = schedule_buffers(default_scheduler("epsilon")), DDPMScheduler(**BETAS, clip_sample=False, prediction_type="sample")
    torch.testing.assert_close(buffers["alphas_cumprod"], reference.alphas_cumprod, rtol=1e-5, atol=0)
    torch.testing.assert_close(buffers["betas"], reference.betas, rtol=1e-5, atol=0)
    x0, xt = torch.randn(2, 1, 4, generator=torch.Generator().manual_seed(0))
    reference.set_timesteps(1000)
    for t in (1, 300, 999):
        mean = buffers["posterior_mean_coef1"][t] * x0 + buffers["posterior_mean_coef2"][t] * xt
        variance = reference._get_variance(t)
        torch.testing.assert_close(buffers["posterior_variance"][t], variance, rtol=1e-3, atol=0)
        torch.testing.assert_close(buffers["posterior_log_variance_clipped"][t].exp(), variance, rtol=1e-3, atol=0)
        noise = torch.randn(xt.shape, generator=torch.Generator().manual_seed(1))
        step = reference.step(x0, t, xt, generator=torch.Generator().manual_seed(1)).prev_sample
        torch.testing.assert_close(mean + variance.sqrt() * noise, step, rtol=1e-3, atol=1e-4)
    kept = buffers["alphas_cumprod"]
    torch.testing.assert_close(buffers["sqrt_recip_alphas_cumprod"] * buffers["sqrt_alphas_cumprod"], torch.ones(1000))
    torch.testing.assert_close(buffers["sqrt_one_minus_alphas_cumprod"] ** 2 + kept, torch.ones(1000))
    torch.testing.assert_close(buffers["log_one_minus_alphas_cumprod"].exp() + kept, torch.ones(1000))
    torch.testing.assert_close(buffers["sqrt_recipm1_alphas_cumprod"] ** 2, 1 / kept - 1)
    assert torch.equal(buffers["alphas_cumprod_prev"][1:], kept[:-1])
    assert buffers["alphas_cumprod_prev"][0] == 1


def test_components_that_the_official_code_cannot_hold_are_not_written(tiny, lcad_components):
    with pytest.raises(ValueError, match=r"32 groups in each group norm, these components \[4\]"):
        official_state_dict(tiny.components)
    linear = type(lcad_components.scheduler).from_config(lcad_components.scheduler.config, beta_schedule="linear")
    with pytest.raises(ValueError, match="this checkpoint a linear one"):
        schedule_buffers(linear)
