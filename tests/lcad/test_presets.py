import pytest
import torch

from lcad.guidance import CaptionGuidance
from lcad.precision import NATIVE, fast_dtype
from lcad.presets import BEST_STEPS, with_preset
from lcad.settings import PipelineSettings


def passes(settings: PipelineSettings) -> int:
    """Pictures that go through the denoiser for one result."""
    guided, count = 0, 0
    for step in range(settings.steps):
        active = settings.caption.active(1 - step / settings.steps)
        count += 2 if active and guided % settings.caption.every == 0 else 1
        guided += active
    return count


def test_fast_takes_half_of_the_passes_and_best_takes_more():
    default = PipelineSettings(caption=CaptionGuidance(4.0))
    assert passes(with_preset(default, "fast")) <= passes(default) / 1.7
    assert passes(with_preset(default, "best")) > passes(default)
    assert with_preset(default, None) == default


def test_presets_keep_the_checkpoints_own_strength_and_more_steps_or_fewer_than_theirs():
    few, many = PipelineSettings(steps=3, caption=CaptionGuidance(7.0)), PipelineSettings(steps=40)
    assert with_preset(few, "fast").steps == 3
    assert with_preset(few, "fast").caption.scale == 7.0
    assert with_preset(few, "best").steps == BEST_STEPS
    assert with_preset(many, "best").steps == 40


def test_an_unknown_preset_is_named():
    with pytest.raises(ValueError, match="turbo"):
        with_preset(PipelineSettings(), "turbo")


def test_the_fast_type_is_one_that_the_processor_multiplies_itself(monkeypatch):
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: {NATIVE[0]: True}, raising=False)
    assert fast_dtype("cpu") is torch.bfloat16
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: {"avx2": True}, raising=False)
    assert fast_dtype("cpu") is torch.float32
    assert fast_dtype("cuda") is torch.float16
