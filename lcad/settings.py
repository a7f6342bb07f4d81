"""The settings that a checkpoint brings: the size it works at, and how it is best sampled."""

from dataclasses import asdict, dataclass, field, replace

from lcad.chroma import ChromaKnee
from lcad.crop_refinement import CropRefinement
from lcad.guidance import CaptionGuidance, InstanceGuidance
from lcad.named_hues import NameKeeping
from lcad.prior_guidance import Liveliness
from lcad.sampler import LCM_STEPS, SOLVERS

STORED_NAMES = {"crop_refinement": "closer"}
"""Settings that stand under another name in a checkpoint's `lcad.json`."""


@dataclass(frozen=True)
class PipelineSettings:
    """Defaults of a checkpoint. Raises ValueError for a size or a number of steps below 1, a share
    outside of [0, 1], an unknown solver and too many steps of "lcm".

    native_size  pixels; pictures are worked on at about native_size² pixels, aspect kept
    steps        of the solver ("dpm++", "ddim", "unipc" or "lcm")
    expected     how far colors that no phrase asks for keep to what the checkpoint's color prior expects: 1 all the way, 0 samples them;
                 without a prior nothing is expected
    lively       how vivid what is expected is made; None: as the prior expects it
    knee         from which chroma that the denoiser paints grows more slowly; None: as it paints
    names        how the hues of things keep to the names of colors that are asked for them; None: as it paints
    crop_refinement  how small regions are colored once more, enlarged; None colors the whole picture once, as published
    """

    native_size: int = 256
    steps: int = 8
    solver: str = "dpm++"
    caption: CaptionGuidance = field(default_factory=CaptionGuidance)
    instance: InstanceGuidance = field(default_factory=InstanceGuidance)
    expected: float = 1.0
    lively: Liveliness | None = None
    knee: ChromaKnee | None = None
    names: NameKeeping | None = None
    crop_refinement: CropRefinement | None = None

    def __post_init__(self):
        if self.native_size < 1 or self.steps < 1 or self.solver not in SOLVERS:
            raise ValueError(f"expected native_size ≥ 1, steps ≥ 1 and a solver of {', '.join(SOLVERS)}, got {self}")
        if not 0 <= self.expected <= 1:
            raise ValueError(f"expected a share in [0, 1] of what the color prior expects, got {self.expected}")
        if self.solver == "lcm" and self.steps > LCM_STEPS:
            raise ValueError(f"expected at most {LCM_STEPS} steps of the solver lcm, got {self.steps}")

    def overridden(
        self,
        steps: int | None = None,
        scale: float | None = None,
        solver: str | None = None,
        instance: InstanceGuidance | None = None,
        expected: float | None = None,
    ) -> "PipelineSettings":
        """These settings with what a call gives instead; None keeps a setting."""
        return replace(
            self,
            steps=self.steps if steps is None else steps,
            solver=solver or self.solver,
            caption=self.caption if scale is None else replace(self.caption, scale=scale),
            instance=instance or self.instance,
            expected=self.expected if expected is None else expected,
        )

    def to_json(self) -> dict:
        """Plain values, for `from_json`."""
        return {STORED_NAMES.get(name, name): value for name, value in asdict(self).items()}

    @classmethod
    def from_json(cls, content: dict) -> "PipelineSettings":
        """Settings from plain values; entries that are not there have their defaults, unknown ones are a TypeError."""
        caption, instance = dict(content.get("caption", {})), dict(content.get("instance", {}))
        if "interval" in caption:
            caption["interval"] = tuple(caption["interval"])
        crops, knee, lively, names = (content.get(name) for name in ("closer", "knee", "lively", "names"))
        rest = {key: value for key, value in content.items() if key not in ("caption", "instance", "closer", "knee", "lively", "names")}
        return cls(
            **rest,
            caption=CaptionGuidance(**caption),
            instance=InstanceGuidance(**instance),
            lively=None if lively is None else Liveliness(**lively),
            knee=None if knee is None else ChromaKnee(**knee),
            names=None if names is None else NameKeeping(**names),
            crop_refinement=None if crops is None else CropRefinement(**crops),
        )
