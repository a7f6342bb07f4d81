import pytest
import torch
from diffusers.loaders.single_file_utils import convert_ldm_unet_checkpoint, convert_ldm_vae_checkpoint

from lcad.autoencoder import LuminanceAutoencoder
from lcad.conversion import components_from_official, official_from_components, read_checkpoint
from lcad.unet import build_unet


@pytest.fixture(scope="module")
def components():
    """Components of the published shape at the least width that 32 norm groups allow."""
    torch.manual_seed(0)
    autoencoder = LuminanceAutoencoder(block_out_channels=(32, 32, 64), layers_per_block=2)
    for conv in autoencoder.luminance_encoder.feature_convs:
        torch.nn.init.normal_(conv.weight)
    unet = build_unet(
        64, block_out_channels=(32, 64, 64), attention_levels=(True, True, False), layers_per_block=2, cross_attention_dim=24,
        attention_heads=4,
    )  # fmt: skip
    return autoencoder.eval(), unet.eval()


@pytest.fixture(scope="module")
def official(components):
    weights = official_from_components(*components)
    extra = {"betas": torch.zeros(3), "first_stage_model.g_encoder.norm_out.weight": torch.zeros(64), "logvar": torch.zeros(2)}
    return weights | extra


def test_the_way_to_official_names_and_back_is_lossless_and_sizes_are_inferred(components, official):
    autoencoder, unet = components_from_official(official, attention_heads=4)
    for before, after in zip(components, (autoencoder, unet), strict=True):
        assert before.state_dict().keys() == after.state_dict().keys()
        assert all(torch.equal(after.state_dict()[name], weights) for name, weights in before.state_dict().items())
    assert unet.config.in_channels == 68
    assert unet.config.attention_head_dim == 4
    assert tuple(autoencoder.config.block_out_channels) == (32, 32, 64)
    assert not autoencoder.training


def test_the_official_names_are_those_that_diffusers_converts_from(components, official):
    """An independent reader of the same names: diffusers' converters for Stable Diffusion."""
    autoencoder, unet = components
    read = convert_ldm_unet_checkpoint(dict(official), dict(unet.config))
    assert read.keys() == unet.state_dict().keys()
    assert all(torch.equal(read[name], weights) for name, weights in unet.state_dict().items())
    plain = {name: w for name, w in official.items() if ".g_encoder." not in name}
    config = {"down_block_types": [0] * 3, "up_block_types": [0] * 3}
    read = convert_ldm_vae_checkpoint(plain, config)
    ours = {name: w for name, w in autoencoder.state_dict().items() if not name.startswith("luminance_encoder.")}
    assert read.keys() == ours.keys()
    assert all(torch.equal(read[name], weights) for name, weights in ours.items())


def test_the_luminance_encoders_names_are_the_published_ones(official):
    prefix = "first_stage_model.g_encoder."
    for name in (
        "conv_in.weight", "down.0.block.1.conv2.bias", "down.0.zero_conv.0.weight", "down.2.zero_conv.1.bias",
        "down.1.downsample.conv.weight", "mid.attn_1.q.weight", "mid.attn_1.proj_out.bias", "zero_conv_mid1.weight",
        "zero_conv_mid2.bias", "down.2.block.0.nin_shortcut.weight",
    ):  # fmt: skip
        assert prefix + name in official, name
    assert official[prefix + "mid.attn_1.q.weight"].shape == (64, 64, 1, 1)


def test_missing_and_unexpected_tensors_are_named(official):
    gone = "model.diffusion_model.middle_block.0.in_layers.0.weight"
    strange = "first_stage_model.decoder.extra.weight"
    changed = {name: w for name, w in official.items() if name != gone} | {strange: torch.zeros(1)}
    with pytest.raises(ValueError, match="1 missing tensors") as raised:
        components_from_official(changed, attention_heads=4)
    assert gone in str(raised.value)
    assert strange in str(raised.value)


@pytest.mark.parametrize("gone", ["first_stage_model.encoder.down.0.block.0.conv2.weight", "model.diffusion_model.out.2.weight"])
def test_a_missing_tensor_that_the_size_is_read_from_is_named_too(official, gone):
    with pytest.raises(ValueError, match=gone.replace(".", r"\.")):
        components_from_official({name: w for name, w in official.items() if name != gone}, attention_heads=4)


def test_a_tensor_of_the_wrong_shape_is_named(official):
    name = "model.diffusion_model.time_embed.0.weight"
    with pytest.raises(ValueError, match=r"time_embed\.0\.weight has the shape \(3, 3\)"):
        components_from_official(official | {name: torch.zeros(3, 3)}, attention_heads=4)


def test_weights_of_something_else_are_refused():
    with pytest.raises(ValueError, match="no L-CAD weights"):
        components_from_official({"classifier.weight": torch.zeros(2, 2)})


def test_a_pickled_checkpoint_is_read_without_running_what_is_in_it(official, tmp_path):
    torch.save({"state_dict": official, "epoch": 3}, tmp_path / "lcad.ckpt")
    assert read_checkpoint(tmp_path / "lcad.ckpt").keys() == official.keys()
    torch.save({"state_dict": {"a": torch.nn.Linear(1, 1)}}, tmp_path / "code.ckpt")
    with pytest.raises(Exception, match="weights_only"):
        read_checkpoint(tmp_path / "code.ckpt")
