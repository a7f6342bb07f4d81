"""A start made from Stable Diffusion computes what Stable Diffusion does."""

import json

import pytest
import torch
from safetensors.torch import save_file

from lcad.conversion import read_weights
from lcad.conversion.stable_diffusion import parts_of_checkpoint, parts_of_folder, widened
from lcad.models import LuminanceAutoencoder, widen
from tests.lcad.conversion.models import WIDTHS


@pytest.fixture(scope="module", params=["folder", "file"])
def start(request, diffusers_folder, single_file):
    """The luminance autoencoder and the widened denoiser, from the folder and from the single file."""
    parts = parts_of_folder(diffusers_folder) if request.param == "folder" else parts_of_checkpoint(read_weights(single_file))
    return widened(parts)


@torch.no_grad()
@pytest.mark.slow
def test_the_widened_denoiser_equals_the_original_whatever_the_luminance(start, stable_diffusion):
    unet = start[1]
    generator = torch.Generator().manual_seed(0)
    latents, text = torch.randn(2, 4, 8, 8, generator=generator), torch.randn(2, 7, 16, generator=generator)
    luminance = 100 * torch.randn(2, 64, 8, 8, generator=generator)
    before = stable_diffusion.unet(latents, 300, encoder_hidden_states=text).sample
    after = unet(torch.cat([latents, luminance], 1), 300, encoder_hidden_states=text).sample
    torch.testing.assert_close(after, before, atol=1e-6, rtol=1e-5)  # the kernel of a wider convolution adds up in another order
    assert torch.equal(unet.conv_in.bias, stable_diffusion.unet.conv_in.bias)
    other_way = widen(stable_diffusion.unet, 64).state_dict()
    assert all(torch.equal(tensor, other_way[name]) for name, tensor in unet.state_dict().items())


@torch.no_grad()
def test_the_decoder_with_features_equals_the_plain_one_and_leaves_the_list_as_it_is(start, stable_diffusion):
    autoencoder = start[0]
    generator = torch.Generator().manual_seed(0)
    hint, latents = torch.rand(2, 3, 16, 16, generator=generator) - 1, torch.randn(2, 4, 8, 8, generator=generator)
    features = autoencoder.luminance_encoder(hint)
    assert len(features) == 6
    assert not any(feature.any() for feature in features)
    plain = stable_diffusion.vae.decode(latents).sample
    assert torch.equal(autoencoder.decode(latents, luminance=features).sample, plain)
    assert torch.equal(autoencoder.decode(latents, luminance=features).sample, plain)
    assert len(features) == 6
    rgb = torch.rand(1, 3, 16, 16, generator=generator) * 2 - 1
    assert torch.equal(autoencoder.encode(rgb).latent_dist.mode(), stable_diffusion.vae.encode(rgb).latent_dist.mode())


@torch.no_grad()
def test_the_luminance_encoder_starts_as_the_autoencoders_own(start, stable_diffusion):
    """With feature convolutions of the identity, its features are the hidden states of the plain encoder."""
    autoencoder = LuminanceAutoencoder(block_out_channels=WIDTHS, layers_per_block=2)
    autoencoder.load_state_dict(start[0].state_dict())
    for conv in autoencoder.luminance_encoder.feature_convs:
        torch.nn.init.dirac_(conv.weight)
    hint, seen = torch.rand(1, 3, 16, 16, generator=torch.Generator().manual_seed(0)) - 1, []
    encoder = stable_diffusion.vae.encoder
    resnets = [resnet for block in (*encoder.down_blocks, encoder.mid_block) for resnet in block.resnets]
    hooks = [resnet.register_forward_hook(lambda *call: seen.append(call[2])) for resnet in resnets]
    stable_diffusion.vae.encode(hint)
    for hook in hooks:
        hook.remove()
    for feature, state in zip(autoencoder.luminance_encoder(hint), seen, strict=True):
        torch.testing.assert_close(feature, state)


@pytest.mark.slow
def test_the_luminance_stage_can_learn_at_once_and_the_denoiser_from_luminance_only_after_it(diffusers_folder):
    autoencoder, unet = widened(parts_of_folder(diffusers_folder))
    generator = torch.Generator().manual_seed(0)
    hint, latents = torch.rand(1, 3, 16, 16, generator=generator) - 1, torch.randn(1, 4, 8, 8, generator=generator)
    features = autoencoder.luminance_encoder(hint)
    autoencoder.decode(latents, luminance=features).sample.square().mean().backward()
    convs = autoencoder.luminance_encoder.feature_convs
    assert all(conv.weight.grad.any() for conv in convs)
    moved = features[-1].detach() + 1
    for feature, learns in ((features[-1].detach(), False), (moved, True)):
        unet.zero_grad()
        text = torch.randn(1, 7, 16, generator=generator)
        unet(torch.cat([latents, feature], 1), 300, encoder_hidden_states=text).sample.square().mean().backward()
        assert bool(unet.conv_in.weight.grad[:, 4:].any()) is learns


def test_training_one_encoder_leaves_the_other_as_it_is(start):
    autoencoder = start[0]
    before = autoencoder.encoder.conv_in.weight.clone()
    with torch.no_grad():
        autoencoder.luminance_encoder.conv_in.weight += 1
        assert torch.equal(autoencoder.encoder.conv_in.weight, before)
        autoencoder.luminance_encoder.conv_in.weight -= 1


@pytest.mark.slow
def test_the_older_names_of_attention_are_read(base, stable_diffusion):
    """The published repository has the autoencoder under the names of the first versions of diffusers."""
    path = base / "vae" / "diffusion_pytorch_model.safetensors"
    old = {"to_q": "query", "to_k": "key", "to_v": "value", "to_out.0": "proj_attn"}
    renamed = {}
    for name, tensor in read_weights(path).items():
        for new, older in old.items():
            name = name.replace(f"attentions.0.{new}.", f"attentions.0.{older}.")
        renamed[name] = tensor.clone()
    assert sum(".query." in name for name in renamed) == 4  # weight and bias, encoder and decoder
    save_file(renamed, path)
    autoencoder, _ = widened(parts_of_folder(base))
    own = stable_diffusion.vae.state_dict()
    assert all(torch.equal(autoencoder.state_dict()[name], tensor) for name, tensor in own.items())


@pytest.mark.slow
def test_pickled_weights_of_a_folder_are_read_without_running_them(base, stable_diffusion):
    path = base / "unet" / "diffusion_pytorch_model.safetensors"
    torch.save(read_weights(path) | {"conv_out.bias": torch.full((4,), 7.0)}, path.with_suffix(".bin"))
    path.unlink()
    assert parts_of_folder(base).unet["conv_out.bias"].eq(7).all()
    torch.save({"conv_out.bias": torch.nn.Linear(1, 1)}, path.with_suffix(".bin"))
    with pytest.raises(ValueError, match=r"is refused: it holds torch\.nn\.modules\.linear\.Linear"):
        parts_of_folder(base)


@pytest.mark.parametrize("gone", ["unet/config.json", "vae/diffusion_pytorch_model.safetensors", "scheduler/scheduler_config.json"])
def test_a_folder_without_a_file_that_is_needed_is_named(base, gone):
    (base / gone).unlink()
    with pytest.raises(FileNotFoundError, match=rf"base lacks {gone}.*: expected diffusers' layout"):
        parts_of_folder(base)


def test_weights_that_do_not_fit_their_config_are_named(base):
    config = json.loads((base / "unet" / "config.json").read_text())
    (base / "unet" / "config.json").write_text(json.dumps(config | {"cross_attention_dim": 24}))
    with pytest.raises(ValueError, match=r"tensors of another shape: \d+ of the denoiser \(.* expected \(32, 24\)"):
        parts_of_folder(base)


def test_another_noise_schedule_is_refused(base):
    path = base / "scheduler" / "scheduler_config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"beta_schedule": "linear"}))
    with pytest.raises(ValueError, match=r"noise schedule is not that of Stable Diffusion 1\.5: \{'beta_schedule': 'linear'\}"):
        parts_of_folder(base)


def test_the_prediction_type_is_the_folders_own(base):
    path = base / "scheduler" / "scheduler_config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"prediction_type": "v_prediction"}))
    assert parts_of_folder(base).scheduler.config.prediction_type == "v_prediction"


@pytest.mark.slow
def test_a_denoiser_that_takes_more_than_latents_is_refused(single_file):
    weights, name = read_weights(single_file), "model.diffusion_model.input_blocks.0.0.weight"
    inpainting = weights | {name: torch.cat([weights[name], weights[name], weights[name][:, :1]], 1)}
    with pytest.raises(ValueError, match="the denoiser takes 9 channels, the latents have 4"):
        widened(parts_of_checkpoint(inpainting))


def test_an_l_cad_is_no_start(official):
    with pytest.raises(ValueError, match="weights of L-CAD already: convert them instead"):
        parts_of_checkpoint(official)


def test_a_single_file_that_lacks_tensors_is_refused(single_file):
    weights = read_weights(single_file)
    del weights["first_stage_model.decoder.conv_out.bias"]
    with pytest.raises(ValueError, match=r"1 missing tensors: 1 of autoencoder \(first_stage_model\.decoder\.conv_out\.bias\)"):
        parts_of_checkpoint(weights)
