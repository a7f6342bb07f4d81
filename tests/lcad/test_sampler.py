import pytest
import torch
from safetensors.torch import load_file

from lcad.attention import MaskBias
from lcad.guidance import CaptionGuidance, InstanceGuidance
from lcad.sampler import SOLVERS, Condition, SamplingCancelledError, default_scheduler, generators, initial_noise, sample, solver
from tests.golden.make_tiny import outputs
from tests.lcad.conftest import GOLDEN

UNGUIDED, NO_MASKS = CaptionGuidance(1.0), InstanceGuidance()


@pytest.fixture
def condition(tiny):
    generator = torch.Generator().manual_seed(5)
    luminance = torch.randn(2, 16, 8, 8, generator=generator)
    text = torch.randn(2, 24, 16, generator=generator)
    return Condition(luminance, text, torch.randn(1, 24, 16, generator=generator))


@pytest.fixture
def noise():
    return initial_noise(generators([3, 4]), (4, 8, 8), torch.zeros(1))


@pytest.mark.parametrize("prediction", ["epsilon", "v_prediction"])
@pytest.mark.slow
def test_ddim_with_guidance_is_its_formula(tiny, condition, noise, prediction):
    """Song et al. 2021, eq. 12 with η = 0, written out; v as in Salimans and Ho 2022."""
    scheduler = solver("ddim", default_scheduler(prediction))
    sampled = sample(tiny.unet, scheduler, noise, condition, 4, CaptionGuidance(2.5), NO_MASKS)
    betas = torch.linspace(0.00085**0.5, 0.012**0.5, 1000, dtype=torch.float64) ** 2
    kept = (1 - betas).cumprod(0).float()
    x = noise
    times = [999, 749, 499, 249]
    for t, before in zip(times, [*times[1:], -1], strict=True):
        a, a_before = kept[t], kept[before] if before >= 0 else kept[0]
        with torch.no_grad():
            halves = [
                tiny.unet(torch.cat([x, condition.luminance], 1), t, encoder_hidden_states=text).sample
                for text in (condition.unconditional.expand(2, -1, -1), condition.text)
            ]
        output = halves[0] + 2.5 * (halves[1] - halves[0])
        clean = (x - (1 - a).sqrt() * output) / a.sqrt() if prediction == "epsilon" else a.sqrt() * x - (1 - a).sqrt() * output
        noise_part = (x - a.sqrt() * clean) / (1 - a).sqrt()
        x = a_before.sqrt() * clean + (1 - a_before).sqrt() * noise_part
    torch.testing.assert_close(sampled, x, atol=1e-3, rtol=1e-3)


@pytest.mark.parametrize("name", sorted(SOLVERS.keys() - {"lcm"}))
@pytest.mark.parametrize("zero_snr", [False, True])
@pytest.mark.slow
def test_solvers_agree_in_the_limit_of_many_steps(tiny, condition, noise, name, zero_snr):
    schedule = default_scheduler("v_prediction", rescale_betas_zero_snr=zero_snr)
    reference = sample(tiny.unet, solver("ddim", schedule), noise, condition, 60, UNGUIDED, NO_MASKS)
    ours = sample(tiny.unet, solver(name, schedule), noise, condition, 40, UNGUIDED, NO_MASKS)
    assert torch.isfinite(ours).all()
    assert (ours - reference).square().mean().sqrt() < 0.05 * reference.std()


@pytest.mark.slow
def test_lcm_jumps_to_the_clean_latents_and_draws_fresh_noise_by_seed(tiny, condition, noise):
    """One step is the consistency function of Luo et al. 2023, eq. 9: c_skip x + c_out x̂, at σ_data 0.5 and times scaled by 10."""

    def lcm(steps, seeds):
        schedule = solver("lcm", default_scheduler("v_prediction"))
        return sample(tiny.unet, schedule, noise, condition, steps, UNGUIDED, NO_MASKS, sources=generators(seeds))

    betas = torch.linspace(0.00085**0.5, 0.012**0.5, 1000, dtype=torch.float64) ** 2
    kept = (1 - betas).cumprod(0).float()[999]
    with torch.no_grad():
        v = tiny.unet(torch.cat([noise, condition.luminance], 1), 999, encoder_hidden_states=condition.text).sample
    clean, scaled = kept.sqrt() * noise - (1 - kept).sqrt() * v, 999 * 10.0
    expected = 0.25 / (scaled**2 + 0.25) * noise + scaled / (scaled**2 + 0.25) ** 0.5 * clean
    torch.testing.assert_close(lcm(1, [3, 4]), expected, atol=1e-4, rtol=1e-4)
    assert torch.equal(lcm(3, [3, 4]), lcm(3, [3, 4]))
    assert not torch.equal(lcm(3, [3, 4])[0], lcm(3, [9, 4])[0])
    assert torch.allclose(lcm(3, [3, 4])[1], lcm(3, [9, 4])[1], atol=1e-5), "an image's noise is its own"


@pytest.mark.slow
def test_scale_one_and_an_empty_interval_run_the_denoiser_once_a_step(tiny, condition, noise):
    sizes = []
    handle = tiny.unet.conv_in.register_forward_hook(lambda module, inputs, output: sizes.append(len(output)))
    for caption in (UNGUIDED, CaptionGuidance(5.0, (0.5, 1.0)), CaptionGuidance(5.0)):
        sample(tiny.unet, solver("dpm++", tiny.scheduler), noise, condition, 4, caption, NO_MASKS)
    handle.remove()
    assert sizes[:4] == [2] * 4
    assert sorted(sizes[4:8]) == [2, 2, 4, 4]
    assert sizes[8:] == [4] * 4


@pytest.mark.slow
def test_guidance_computed_at_every_second_step_saves_passes_and_stays_near(tiny, condition, noise):
    widths = []
    hook = tiny.unet.register_forward_pre_hook(lambda _module, inputs: widths.append(len(inputs[0])))
    try:
        always, seldom = (
            sample(tiny.unet, solver("ddim", default_scheduler()), noise, condition, 12, CaptionGuidance(3.0, every=every), NO_MASKS)
            for every in (1, 2)
        )
    finally:
        hook.remove()
    assert widths == [4] * 12 + [4, 2] * 6
    unguided = sample(tiny.unet, solver("ddim", default_scheduler()), noise, condition, 12, UNGUIDED, NO_MASKS)
    assert (seldom - always).abs().mean() < 0.3 * (unguided - always).abs().mean()


def test_scale_zero_ignores_the_caption(tiny, condition, noise):
    other = Condition(condition.luminance, torch.randn_like(condition.text), condition.unconditional)
    results = [sample(tiny.unet, solver("ddim", tiny.scheduler), noise, c, 3, CaptionGuidance(0.0), NO_MASKS) for c in (condition, other)]
    torch.testing.assert_close(*results)


@pytest.mark.slow
def test_masks_steer_and_their_strength_can_fall_with_time(tiny, condition, noise):
    tokens, masks = torch.zeros(2, 1, 24), torch.zeros(2, 1, 32, 32)
    tokens[..., 2:5], masks[..., :16] = 1, 1

    def run(instance):
        masked = Condition(condition.luminance, condition.text, condition.unconditional, instance.bias(tokens, masks))
        return sample(tiny.unet, solver("dpm++", tiny.scheduler), noise, masked, 3, CaptionGuidance(3.0), instance)

    plain = sample(tiny.unet, solver("dpm++", tiny.scheduler), noise, condition, 3, CaptionGuidance(3.0), NO_MASKS)
    full, falling = (run(InstanceGuidance(strength=5.0, decay=decay)) for decay in (0.0, 50.0))
    torch.testing.assert_close(run(InstanceGuidance(strength=0.0)), plain)
    moved, moved_less = ((result - plain).abs().mean() for result in (full, falling))
    assert moved > moved_less > 0


def test_a_sample_without_phrases_is_what_it_is_without_masks(tiny, condition, noise):
    tokens, masks = torch.zeros(2, 1, 24), torch.zeros(2, 1, 32, 32)
    tokens[1, 0, 2:5], masks[1, ..., :16] = 1, 1
    masked = Condition(condition.luminance, condition.text, condition.unconditional, MaskBias(tokens, masks, 5.0))
    plain, steered = (
        sample(tiny.unet, solver("ddim", tiny.scheduler), noise, c, 3, CaptionGuidance(3.0), NO_MASKS) for c in (condition, masked)
    )
    torch.testing.assert_close(steered[0], plain[0], atol=1e-4, rtol=1e-4)
    assert (steered[1] - plain[1]).abs().max() > 1e-3


def test_noise_comes_from_each_images_own_seed():
    like = torch.zeros(1, dtype=torch.float16)
    both, alone = (initial_noise(generators(seeds), (4, 3, 5), like) for seeds in ([7, 8], [8]))
    assert both.shape == (2, 4, 3, 5)
    assert both.dtype == torch.float16
    assert torch.equal(both[1], alone[0])
    assert not torch.equal(both[0], both[1])


def test_progress_counts_to_the_end_and_false_cancels(tiny, condition, noise):
    seen = []
    sample(tiny.unet, solver("dpm++", tiny.scheduler), noise, condition, 3, UNGUIDED, NO_MASKS, lambda *at: seen.append(at))
    assert seen == [(1, 3), (2, 3), (3, 3)]
    with pytest.raises(SamplingCancelledError, match="after 2 of 5 steps"):
        sample(tiny.unet, solver("dpm++", tiny.scheduler), noise, condition, 5, UNGUIDED, NO_MASKS, lambda done, total: done < 2)


def test_an_unknown_solver_is_named(tiny):
    with pytest.raises(ValueError, match=r"unknown solver 'euler', expected one of dpm\+\+, ddim, unipc"):
        solver("euler", tiny.scheduler)


def test_guidance_that_cannot_be_is_named():
    with pytest.raises(ValueError, match="every"):
        CaptionGuidance(2.0, every=0)
    with pytest.raises(ValueError, match="scale ≥ 0"):
        CaptionGuidance(-1.0)
    with pytest.raises(ValueError, match="interval"):
        CaptionGuidance(3.0, (0.8, 0.2))
    with pytest.raises(ValueError, match="expected a rule of add, push, hard"):
        InstanceGuidance(rule="soft")


@pytest.mark.slow
def test_the_components_give_what_they_gave(tiny):
    """Guards against changes in the libraries; kernels of other processors differ by about 1e-5."""
    golden = load_file(GOLDEN / "tiny.safetensors")
    ours = outputs(tiny, golden["input.hint"], golden["input.noise"])
    assert ours.keys() == {name for name in golden if not name.startswith("input.")}
    for name, tensor in ours.items():
        assert (tensor - golden[name]).abs().max() <= 1e-4 * golden[name].abs().max(), name
