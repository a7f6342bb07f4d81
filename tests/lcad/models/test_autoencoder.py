import pytest
import torch

from lcad.models import LuminanceAutoencoder
from lcad.models.luminance_encoder import LuminanceEncoder


def build(**changes):
    torch.manual_seed(0)
    sizes = {"block_out_channels": (8, 16, 16), "layers_per_block": 2, "norm_num_groups": 8, "sample_size": 32}
    return LuminanceAutoencoder(**(sizes | changes)).eval()


@pytest.fixture(scope="module")
def autoencoder():
    model = build()
    for conv in model.luminance_encoder.feature_convs:
        torch.nn.init.normal_(conv.weight, std=0.3)
    return model


@pytest.fixture(scope="module")
def features(autoencoder):
    with torch.no_grad():
        return autoencoder.luminance_encoder(torch.rand(2, 3, 32, 24) - 1)


def test_there_are_levels_times_blocks_plus_two_features_from_large_to_small(features):
    expected = [(8, 32, 24)] * 2 + [(16, 16, 12)] * 2 + [(16, 8, 6)] * 4
    assert [tuple(feature.shape[1:]) for feature in features] == expected


def test_a_fresh_luminance_encoder_gives_zeros_so_the_decoder_starts_as_the_plain_one():
    model = build()
    features = model.luminance_encoder(torch.rand(1, 3, 32, 32))
    assert not any(feature.any() for feature in features)
    latents = torch.randn(1, 4, 8, 8)
    assert torch.equal(model.decode(latents, luminance=features).sample, model.decode(latents).sample)


def test_zeroed_features_make_a_trained_one_plain_again(autoencoder, features):
    latents = torch.randn(2, 4, 8, 6)
    with torch.no_grad():
        zeroed = autoencoder.decode(latents, luminance=[torch.zeros_like(feature) for feature in features]).sample
        assert torch.equal(zeroed, autoencoder.decode(latents, luminance=None).sample)


def test_every_feature_reaches_the_image(autoencoder, features):
    latents = torch.randn(2, 4, 8, 6)
    with torch.no_grad():
        plain = autoencoder.decode(latents, luminance=[torch.zeros_like(feature) for feature in features]).sample
        for number in range(len(features)):
            alone = [feature if i == number else torch.zeros_like(feature) for i, feature in enumerate(features)]
            assert (autoencoder.decode(latents, luminance=alone).sample - plain).abs().max() > 1e-4, number


def test_decoding_does_not_consume_the_list_of_features(autoencoder, features):
    latents = torch.randn(2, 4, 8, 6)
    with torch.no_grad():
        first = autoencoder.decode(latents, luminance=features).sample
        assert len(features) == 8
        assert torch.equal(autoencoder.decode(latents, luminance=tuple(features), return_dict=False)[0], first)


def test_a_list_of_the_wrong_length_is_named(autoencoder, features):
    with pytest.raises(ValueError, match="needs 8 luminance features, got 7"):
        autoencoder.decode(torch.randn(2, 4, 8, 6), luminance=features[:-1])


@pytest.mark.parametrize(("channels", "downscale"), [((8,), 1), ((8, 16), 2), ((8, 8, 8, 16), 8)])
@pytest.mark.parametrize("attention", [True, False])
def test_the_downscale_factor_follows_from_the_levels(channels, downscale, attention):
    model = build(block_out_channels=channels, layers_per_block=1, mid_block_add_attention=attention)
    assert model.downscale == downscale
    assert model.luminance_channels == channels[-1]
    with torch.no_grad():
        latents = model.encode(torch.rand(1, 3, 16, 24)).latent_dist.mode()
        assert latents.shape == (1, 4, 16 // downscale, 24 // downscale)
        features = model.luminance_encoder(torch.rand(1, 3, 16, 24))
        assert features[-1].shape == (1, channels[-1], 16 // downscale, 24 // downscale)
        assert model.decode(latents, luminance=features).sample.shape == (1, 3, 16, 24)


@pytest.mark.slow
def test_what_is_saved_is_read_back_with_its_config_and_no_complaint(autoencoder, tmp_path, capfd):
    autoencoder.save_pretrained(tmp_path)
    again = LuminanceAutoencoder.from_pretrained(tmp_path)
    assert {name for name in again.config if name[0] != "_"} == {name for name in autoencoder.config if name[0] != "_"}
    assert again.config.scaling_factor == 0.18215
    for name, weights in autoencoder.state_dict().items():
        assert torch.equal(again.state_dict()[name], weights), name
    assert "ignored" not in capfd.readouterr().err


def test_the_luminance_encoder_stands_alone_too(tmp_path):
    encoder = LuminanceEncoder(block_out_channels=(8, 16), layers_per_block=1, norm_num_groups=4)
    encoder.save_pretrained(tmp_path)
    assert LuminanceEncoder.from_pretrained(tmp_path).config.block_out_channels == [8, 16]
