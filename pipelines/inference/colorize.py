"""Coloring, as every caller does it: jobs over the store, evaluations of a checkpoint, files of a manifest.

There is one way, so that what is measured is what people get: captions are read once and their colors handed to the model, phrases
without a mask are looked for by it, and results are judged in the masks that were given.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import PIL.Image

from lcad import Colorizer, Region
from lcad.chroma import Constraints, Pin, spread
from lcad.imaging import lightness_of_image
from lcad.metrics import Adherence, adherence
from lcad.presets import Preset
from pipelines.inference.phrase_regions import MaskedPhrase, ThingColor, regions_of
from workbench.imaging import masks


@dataclass(frozen=True, eq=False)
class CaptionedPicture:
    """A picture (H, W, 3) uint8 to color under a caption, with the masks known of the caption's phrases; the seed is of the noise."""

    rgb: np.ndarray
    caption: str
    masked: Sequence[MaskedPhrase] = ()
    seed: int = 0
    constraints: Constraints | None = None
    things: Sequence[ThingColor] = ()
    """Things of the caption with the colors that a person pins to them."""


def colors_asked(settings: Mapping[str, Any], rgb: np.ndarray) -> tuple[Constraints, list[ThingColor]]:
    """What settings (`workbench.colorizations.asked_colors`) ask of a picture (H, W, 3): strokes with a palette, and things.

    Strokes may have been drawn on the picture at another size.
    """
    pins, size = settings.get("pins", ()), rgb.shape[1::-1]
    drawn = [(masks.decode(pin["stroke"]), pin["color"]) for pin in pins if "stroke" in pin]
    strokes = [cv2.resize(np.uint8(stroke), size, interpolation=cv2.INTER_NEAREST).astype(bool) for stroke, _ in drawn]
    lightness = lightness_of_image(rgb) if strokes else np.empty(0, np.float32)
    meant = [spread(lightness, one, strokes[:number] + strokes[number + 1 :]) for number, one in enumerate(strokes)]
    pinned = [Pin(mask, color) for mask, (_, color) in zip(meant, drawn, strict=True)]
    return Constraints(pinned, settings.get("palette", ())), [(pin["thing"], pin["color"]) for pin in pins if "thing" in pin]


@dataclass(frozen=True)
class Sampling:
    """How pictures are colored; None stands for the checkpoint's own.

    instances       without it nothing guides where colors go; masks only judge
    captions_alone  masks only judge too, but the phrases of captions are looked for, as they are where no mask is known
    """

    steps: int | None = None
    guidance: float | None = None
    instances: bool = True
    batch_size: int = 8
    expected: float | None = None
    preset: Preset | None = None
    captions_alone: bool = False

    @property
    def steered_by_masks(self) -> bool:
        """Whether the masks that are given guide the colors."""
        return self.instances and not self.captions_alone


@dataclass(frozen=True, eq=False)
class ColorizedPicture:
    """A picture's result and what there is to say of it.

    regions     the phrases with masks, by which `adherence` judges
    seconds     of sampling, its share of its batch's
    lost_words  the end of the caption that the text encoder could not read
    """

    caption: str
    image: PIL.Image.Image
    adherence: Adherence
    regions: list[Region]
    seconds: float
    lost_words: str

    @property
    def masks(self) -> list[np.ndarray]:
        """The masks of the regions."""
        return [region.mask for region in self.regions if region.mask is not None]


def colorize(
    pipeline: Colorizer,
    pictures: Sequence[CaptionedPicture],
    sampling: Sampling = Sampling(),
    progress: Callable[[int, int], bool | None] | None = None,
) -> list[ColorizedPicture]:
    """Color pictures together; `progress` is called after each step as the pipeline does. Raises ValueError naming what does not fit."""
    captions = [picture.caption for picture in pictures]
    things = [picture.things for picture in pictures]
    regions = regions_of(captions, [picture.masked for picture in pictures], things)
    steering = regions_of(captions, [()] * len(captions), things) if sampling.captions_alone else regions
    output = pipeline(
        [picture.rgb for picture in pictures],
        captions,
        [one.regions if sampling.instances else one.pinned for one in steering],
        [picture.seed for picture in pictures],
        sampling.steps,
        sampling.guidance,
        constraints=[picture.constraints for picture in pictures],
        caption_colors=[one.colors for one in steering],
        batch_size=sampling.batch_size,
        expected=sampling.expected,
        preset=sampling.preset,
        progress=progress,
    )
    shown = [[region for region in one.regions if region.mask is not None] for one in regions]
    judged = output.adherence if sampling.steered_by_masks else map(_judge, output.images, captions, shown)
    columns = (captions, output.images, judged, shown, output.seconds, output.lost_words)
    return [ColorizedPicture(*values) for values in zip(*columns, strict=True)]


def _judge(image: PIL.Image.Image, caption: str, regions: Sequence[Region]) -> Adherence:
    """Adherence in masks that the pipeline was not given."""
    phrases = [caption[slice(*region.phrase)] for region in regions]
    return adherence(np.asarray(image), phrases, [region.mask for region in regions], [region.colors for region in regions])
