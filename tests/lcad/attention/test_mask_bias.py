import pytest
import torch

from lcad.attention import RULES, AttentionRecord, MaskBias, steered
from lcad.attention.mask_bias import grid_of
from lcad.models import build_unet, cross_attentions

TOKENS = 7


@pytest.fixture(scope="module")
def unet():
    torch.manual_seed(0)
    return build_unet(
        4, block_out_channels=(16, 32), attention_levels=(True, True), layers_per_block=1, cross_attention_dim=12, attention_heads=2,
        norm_num_groups=8,
    ).eval()  # fmt: skip


@pytest.fixture
def call(unet):
    generator = torch.Generator().manual_seed(1)
    x, text = torch.randn(2, 8, 6, 10, generator=generator), torch.randn(2, TOKENS, 12, generator=generator)

    @torch.no_grad()
    def run(**options):
        with steered(unet, (6, 10), **options):
            return unet(x, 500, encoder_hidden_states=text).sample

    run.plain = lambda: unet(x, 500, encoder_hidden_states=text).sample.detach()
    return run


def left_half(tokens=(2, 3), **options):
    """Tokens bound to the left half of both samples."""
    weights, masks = torch.zeros(2, 1, TOKENS), torch.zeros(2, 1, 12, 20)
    weights[:, 0, list(tokens)] = 1
    masks[..., :10] = 1
    return MaskBias(weights, masks, **options)


def test_without_bias_and_record_the_denoiser_is_unchanged(call):
    torch.testing.assert_close(call(), call.plain(), atol=1e-5, rtol=1e-5)


def test_recording_does_not_change_the_result_and_probabilities_sum_to_one(call):
    record = AttentionRecord()
    torch.testing.assert_close(call(record=record), call.plain(), atol=1e-5, rtol=1e-5)
    assert {tuple(m.shape) for m in record.maps} == {(2, 6, 10, TOKENS)}  # 3 × 5 cells are fewer than `smallest`
    for seen in record.maps:
        torch.testing.assert_close(seen.sum(-1), torch.ones(seen.shape[:-1]))


@pytest.mark.parametrize("rule", RULES)
def test_each_rule_moves_a_phrases_attention_into_its_mask(call, rule):
    bias = left_half(rule=rule, strength=4.0)
    before, after = AttentionRecord(smallest=15), AttentionRecord(smallest=15)
    call(record=before), call(record=after, bias=bias)
    assert {tuple(m.shape[1:3]) for m in after.maps} == {(6, 10), (3, 5)}
    low, high = (record.inside_share(bias.tokens, bias.masks) for record in (before, after))
    assert (high > low + 0.1).all(), (rule, low, high)


@pytest.mark.parametrize("rule", ["add", "hard"])
def test_the_recorded_path_and_the_fused_path_agree_under_a_bias(call, rule):
    bias = left_half(rule=rule)
    torch.testing.assert_close(call(bias=bias), call(bias=bias, record=AttentionRecord()), atol=1e-5, rtol=1e-5)


def test_phrases_without_tokens_change_nothing(call):
    torch.testing.assert_close(call(bias=left_half(tokens=())), call.plain(), atol=1e-5, rtol=1e-5)


def test_strength_zero_in_one_sample_leaves_that_sample_alone(call):
    result = call(bias=left_half(strength=torch.tensor([0.0, 3.0])))
    torch.testing.assert_close(result[0], call.plain()[0], atol=1e-5, rtol=1e-5)
    assert (result[1] - call.plain()[1]).abs().max() > 1e-4


def test_the_additive_bias_is_plus_inside_minus_outside_and_nothing_at_half_coverage():
    weights, masks = torch.zeros(1, 1, 4), torch.zeros(1, 1, 2, 6)
    weights[0, 0, 1] = 1
    masks[..., :3] = 1
    bias = MaskBias(weights, masks, strength=3.0).bias(1, 3)
    assert bias.shape == (1, 3, 4)
    assert bias[0, :, 1].tolist() == [3.0, 0.0, -3.0]
    assert not bias[0, :, [0, 2, 3]].any()


def test_a_token_of_two_phrases_may_be_seen_in_both_masks_and_overlaps_are_allowed():
    weights, masks = torch.zeros(1, 2, 3), torch.zeros(1, 2, 1, 4)
    weights[0, :, 1] = 1
    masks[0, 0, 0, :2], masks[0, 1, 0, 1:3] = 1, 1
    assert MaskBias(weights, masks, strength=1.0).bias(1, 4)[0, :, 1].tolist() == [1, 1, 1, -1]


def test_the_push_is_the_negative_gradient_of_the_binary_cross_entropy():
    generator = torch.Generator().manual_seed(2)
    logits = torch.randn(2, 3, 60, TOKENS, generator=generator, requires_grad=True)
    bias = left_half(rule="push", strength=1.0)
    target = bias.coverage(6, 10)[..., [2, 3]].expand(-1, 3, -1, -1)
    torch.nn.functional.binary_cross_entropy_with_logits(logits[..., [2, 3]], target, reduction="sum").backward()
    torch.testing.assert_close(bias.steer(logits, 6, 10) - logits, -logits.grad)


def test_a_doubled_batch_steers_only_its_conditional_half(unet):
    bias = left_half().after_unconditional()
    assert bias.bias(6, 10).shape == (4, 60, TOKENS)
    assert not bias.bias(6, 10)[:2].any()
    assert torch.equal(bias.bias(6, 10)[2:], left_half().bias(6, 10))


def test_recorded_attention_carries_gradients_to_queries_and_keys(unet):
    record = AttentionRecord()
    with steered(unet, (6, 10), record=record):
        unet(torch.randn(2, 8, 6, 10), 10, encoder_hidden_states=torch.randn(2, TOKENS, 12))
    bias = left_half()
    (1 - record.inside_share(bias.tokens, bias.masks)).square().mean().backward()
    layer = next(iter(cross_attentions(unet).values()))
    assert layer.to_q.weight.grad.abs().max() > 0
    assert layer.to_k.weight.grad.abs().max() > 0
    unet.zero_grad()


def test_the_layers_are_restored_even_after_an_error(unet):
    before = [layer.processor for layer in cross_attentions(unet).values()]
    with pytest.raises(RuntimeError, match="stop"), steered(unet, (6, 10), bias=left_half()):
        raise RuntimeError("stop")
    assert [layer.processor for layer in cross_attentions(unet).values()] == before


def test_cross_attentions_are_listed_from_input_to_output(unet):
    parts = [name.split(".")[0] for name in cross_attentions(unet)]
    assert parts == ["down_blocks"] * 2 + ["mid_block"] + ["up_blocks"] * 4


@pytest.mark.parametrize(
    ("cells", "size", "grid"), [(60, (6, 10), (6, 10)), (15, (6, 10), (3, 5)), (6, (5, 9), (2, 3)), (1, (8, 8), (1, 1))]
)
def test_a_layers_grid_follows_from_its_cells(cells, size, grid):
    assert grid_of(cells, size) == grid


def test_wrong_shapes_sizes_and_rules_are_named():
    with pytest.raises(ValueError, match="no halving of latents 6 × 10"):
        grid_of(59, (6, 10))
    with pytest.raises(ValueError, match=r"expected tokens \(B, P, T\)"):
        MaskBias(torch.zeros(1, 2, 7), torch.zeros(1, 3, 4, 4))
    with pytest.raises(ValueError, match="unknown rule 'soft'"):
        left_half(rule="soft")
    with pytest.raises(ValueError, match="no cross-attention layer"):
        AttentionRecord().inside_share(torch.zeros(1, 1, 7), torch.zeros(1, 1, 4, 4))
