import pytest
import torch

from lcad.models import build_unet, widen


@pytest.fixture(scope="module")
def plain():
    torch.manual_seed(0)
    return build_unet(
        0, block_out_channels=(8, 16), attention_levels=(True, False), layers_per_block=1, cross_attention_dim=12, attention_heads=2,
        norm_num_groups=4,
    ).eval()  # fmt: skip


def test_a_widened_denoiser_starts_equal_to_the_old_one_whatever_the_new_channels_hold(plain):
    wide = widen(plain, 5)
    assert wide.config.in_channels == 9
    latents, text = torch.randn(2, 4, 8, 8), torch.randn(2, 6, 12)
    with torch.no_grad():
        before = plain(latents, 300, encoder_hidden_states=text).sample
        after = wide(torch.cat([latents, 100 * torch.randn(2, 5, 8, 8)], 1), 300, encoder_hidden_states=text).sample
    torch.testing.assert_close(after, before, atol=1e-6, rtol=1e-5)
    assert torch.equal(wide.conv_in.bias, plain.conv_in.bias)
    assert not wide.conv_in.weight[:, 4:].any()


def test_the_new_channels_of_a_widened_denoiser_learn(plain):
    wide = widen(plain, 5)
    wide(torch.randn(1, 9, 8, 8), 300, encoder_hidden_states=torch.randn(1, 6, 12)).sample.square().mean().backward()
    assert wide.conv_in.weight.grad[:, 4:].abs().max() > 0


def test_widening_changes_neither_the_old_denoiser_nor_its_type(plain):
    before = plain.conv_in.weight.clone()
    wide = widen(plain.double(), 1)
    assert wide.dtype == torch.float64
    with torch.no_grad():
        wide.conv_in.weight.zero_()
    assert torch.equal(plain.float().conv_in.weight, before)


def test_odd_latents_are_fine(plain):
    with torch.no_grad():
        assert plain(torch.randn(1, 4, 7, 9), 5, encoder_hidden_states=torch.randn(1, 6, 12)).sample.shape == (1, 4, 7, 9)


def test_sizes_that_cannot_be_are_named(plain):
    with pytest.raises(ValueError, match="2 widths, 1 entries"):
        build_unet(0, block_out_channels=(8, 16), attention_levels=(True,))
    with pytest.raises(ValueError, match="width 12 is not a multiple of 8 norm groups"):
        build_unet(0, block_out_channels=(12,), attention_levels=(True,), norm_num_groups=8, attention_heads=2)
    with pytest.raises(ValueError, match="extra_channels must be at least 1"):
        widen(plain, 0)
