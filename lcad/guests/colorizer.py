"""A guest's ONNX file run as a colorizer: called as an `LCADPipeline` is, with results of the same kind."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter

import cv2
import numpy as np
import PIL.Image

from lcad.chroma import Constraints, join
from lcad.guests.manifest import GuestManifest, Text, read_manifest
from lcad.imaging import gray_image, image_to_lab, lightness_of_image, resize
from lcad.metrics import Adherence, adherence
from lcad.pipeline_output import LCADPipelineOutput
from lcad.requests import Picture, Region
from lcad.sampler import Progress, SamplingCancelledError

__all__ = ["GuestColorizer", "GuestSettings"]

MOST_AB = 110.0  # of a and b: the output's range stands for -110 to 110
CELL = 1  # pixels of a guest's output that one value of chroma covers


@dataclass(frozen=True)
class GuestSettings:
    """What of `PipelineSettings` a guest has: one step, no guidance."""

    steps: int = 1


@dataclass
class GuestColorizer:
    """Someone else's colorizer. It reads the caption where its manifest says so; masks do not steer it, they only judge."""

    manifest: GuestManifest
    settings: GuestSettings = field(default_factory=GuestSettings)

    def __post_init__(self):
        try:
            import onnxruntime
        except ImportError:
            raise ValueError("a guest needs onnxruntime: pip install 'lcad-workbench[model]'") from None
        options = onnxruntime.SessionOptions()
        options.log_severity_level = 3
        try:
            self._session = onnxruntime.InferenceSession(self.manifest.model, options, providers=onnxruntime.get_available_providers())
        except Exception as error:  # onnxruntime's own kinds have no common parent but this
            raise ValueError(f"{self.manifest.model} cannot be read as an ONNX file: {error}") from None
        self._check_names()
        self._tokenizer = None
        if self.manifest.text is not None and self.manifest.text.kind == "tokens":
            from tokenizers import Tokenizer

            self._tokenizer = Tokenizer.from_file(str(self.manifest.model.parent / "tokenizer.json"))

    @classmethod
    def from_folder(cls, folder: str | Path) -> "GuestColorizer":
        """The guest of a folder; errors as in `lcad.guests.manifest.read_manifest`, and ValueError for a file that is no ONNX."""
        return cls(read_manifest(folder))

    def to(self, *_places, **_layouts) -> "GuestColorizer":
        """Itself: onnxruntime has taken the fastest place that it has."""
        return self

    def _check_names(self) -> None:
        """ValueError where the manifest's inputs and outputs are not those of the file."""
        text = [self.manifest.text.name] if self.manifest.text else []
        named, inputs = {self.manifest.input.name, *text}, {one.name for one in self._session.get_inputs()}
        outputs = {one.name for one in self._session.get_outputs()}
        if named != inputs or self.manifest.output.name not in outputs:
            raise ValueError(
                f"{self.manifest.model} takes {', '.join(sorted(inputs))} and gives {', '.join(sorted(outputs))}; its manifest says it "
                f"takes {', '.join(sorted(named))} and gives {self.manifest.output.name}"
            )

    def __call__(
        self, images: Sequence[Picture], captions: Sequence[str], regions: Sequence[Sequence[Region]] | None = None,
        seeds: Sequence[int] | None = None, steps: int | None = None, guidance: float | None = None, *,
        constraints: Sequence[Constraints | None] | None = None, caption_colors: Sequence[Sequence[str] | None] | None = None,
        expected: float | None = None, preset: str | None = None, batch_size: int = 1, progress: Progress | None = None,
    ) -> LCADPipelineOutput:  # fmt: skip
        """Color pictures as `LCADPipeline` does: full size, the sources' lightness, one by one.

        A guest has no seeds, steps, guidance, presets or expected colors, so they change nothing. Raises ValueError for pinned colors,
        which it cannot keep, and where its output is none.
        """
        if any(constraints or ()):
            raise ValueError(f"{self.manifest.title} is a guest and cannot keep pinned colors or a palette")
        regions, seeds = regions or [()] * len(images), list(seeds or [0] * len(images))
        output = LCADPipelineOutput([], [], [], [], seeds)
        for number, (image, caption, some) in enumerate(zip(images, captions, regions, strict=True), 1):
            started = perf_counter()
            pixels, lost = self._colored(image, caption)
            output.images.append(PIL.Image.fromarray(pixels))
            output.adherence.append(_judged(pixels, caption, [region for region in some if region.mask is not None]))
            output.lost_words.append(lost)
            output.seconds.append(round(perf_counter() - started, 4))
            if progress is not None and progress(number, len(images)) is False:
                raise SamplingCancelledError(f"cancelled after {number} of {len(images)} pictures")
        return output

    def _colored(self, image: Picture, caption: str) -> tuple[np.ndarray, str]:
        """The result (H, W, 3) uint8 for a picture, and the end of the caption that was not read."""
        lightness, lost = lightness_of_image(image), ""
        inputs = {self.manifest.input.name: self._given(lightness)}
        if self.manifest.text is not None:
            inputs[self.manifest.text.name], lost = self._read(self.manifest.text, caption)
        output = np.asarray(self._session.run([self.manifest.output.name], inputs)[0])
        return join(self._chroma(output), lightness, cell=CELL), lost

    def _given(self, lightness: np.ndarray) -> np.ndarray:
        """The input (1, channels, h, w) float32 of lightness (H, W)."""
        plane, form = lightness / 100, self.manifest.input
        if form.kind == "gray":
            plane = gray_image(lightness)[..., 0].astype(np.float32) / 255
        scale = 1.0 if self.manifest.size is None else self.manifest.size / max(lightness.shape)
        sides = tuple(max(1, round(side * scale / self.manifest.multiple)) * self.manifest.multiple for side in lightness.shape)
        plane = resize(plane.astype(np.float32), sides, cv2.INTER_AREA if sides[0] < lightness.shape[0] else cv2.INTER_LINEAR)
        values = form.low + plane * (form.high - form.low)
        return np.repeat(values[None, None].astype(np.float32), form.channels, axis=1)

    def _read(self, text: Text, caption: str) -> tuple[np.ndarray, str]:
        """What the caption's input is given, and the end of the caption that does not fit."""
        if self._tokenizer is None:
            return np.array([caption], dtype=object), ""
        encoded = self._tokenizer.encode(caption)
        ids = encoded.ids[: text.length]
        lost = caption[encoded.offsets[text.length][0] :] if len(encoded.ids) > text.length else ""
        return np.array([ids + [text.padding] * (text.length - len(ids))], np.int64), lost

    def _chroma(self, output: np.ndarray) -> np.ndarray:
        """The chroma (h, w, 2) in Lab units of an output. Raises ValueError for another shape and for values that are no numbers."""
        kind, channels = self.manifest.output.kind, {"ab": 2, "rgb": 3}[self.manifest.output.kind]
        if output.ndim != 4 or output.shape[:2] != (1, channels) or not np.isfinite(output).all():
            raise ValueError(
                f"{self.manifest.title} gave {output.dtype} {output.shape}, expected finite numbers (1, {channels}, h, w): its manifest "
                f"says that its output is {kind}"
            )
        unit = (output[0].astype(np.float32).transpose(1, 2, 0) - self.manifest.output.low) / (
            self.manifest.output.high - self.manifest.output.low
        )
        if kind == "ab":
            return (2 * unit - 1) * MOST_AB
        return image_to_lab((unit.clip(0, 1) * 255).round().astype(np.uint8))[..., 1:]


def _judged(pixels: np.ndarray, caption: str, regions: Sequence[Region]) -> Adherence:
    """Adherence in regions that have masks."""
    phrases = [one.phrase if isinstance(one.phrase, str) else caption[one.phrase[0] : one.phrase[1]] for one in regions]
    return adherence(pixels, phrases, [np.asarray(one.mask) for one in regions], [one.colors for one in regions])
