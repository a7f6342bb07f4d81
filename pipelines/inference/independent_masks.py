"""Adherence in masks that were found in another way than those that steered the colors, so that a wrong mask cannot agree with itself."""

from collections.abc import Mapping
from functools import lru_cache

import numpy as np

from db.enums import FoundBy
from lcad import Colorizer, LCADPipeline
from lcad.grounding import load_finder, masks_of_heat
from lcad.imaging import lightness_of_image
from lcad.metrics import adherence
from lcad.phrase_search import LEAST_CONFIDENCE
from lcad.prompts import Span
from pipelines.inference.colorize import ColorizedPicture


class IndependentMasks:
    """The masks of phrases by the other way of finding, for the captions of one batch; each caption of a picture is looked at once.

    What the finder had found is looked for where the denoiser looks, and what was found there, or by a person's clicks, by the finder.
    A guest has no denoiser to ask.
    """

    def __init__(self, colorizer: Colorizer):
        self.colorizer = colorizer
        self._masks = lru_cache(maxsize=8)(self._find)
        self._pictures: dict[int, np.ndarray] = {}

    def adherence(self, rgb: np.ndarray, result: ColorizedPicture, ways: Mapping[Span, FoundBy]) -> float | None:
        """The adherence of a result colored from `rgb` (H, W, 3) uint8 in masks found otherwise than the `ways` of its phrases say.

        None where no phrase that asks for a color is found in another way.
        """
        regions = {region.phrase: region for region in result.regions if region.colors and region.phrase in ways}
        if not regions:
            return None
        self._pictures[id(rgb)] = rgb
        spans = tuple(sorted(regions))
        masks = self._masks(id(rgb), result.caption, spans, tuple(ways[span] for span in spans))
        masked_spans = [(span, mask) for span, mask in zip(spans, masks, strict=True) if mask is not None]
        phrases = [result.caption[slice(*span)] for span, _ in masked_spans]
        colors = [regions[span].colors for span, _ in masked_spans]
        return adherence(np.asarray(result.image), phrases, [mask for _, mask in masked_spans], colors).score

    def _find(self, picture: int, caption: str, spans: tuple[Span, ...], ways: tuple[FoundBy, ...]) -> list[np.ndarray | None]:
        """By phrase the mask (H, W) bool of the other way; None where it finds nothing surely enough."""
        rgb = self._pictures[picture]
        by_finder = [span for span, way in zip(spans, ways, strict=True) if way is not FoundBy.FINDER]
        by_heat = [span for span, way in zip(spans, ways, strict=True) if way is FoundBy.FINDER]
        masks_by_span: dict[Span, np.ndarray] = {}
        if by_finder:
            places = load_finder().find(lightness_of_image(rgb), caption, spans)
            sure = {
                span: place for span, place in zip(spans, places, strict=True) if place is not None and place.confidence >= LEAST_CONFIDENCE
            }
            masks_by_span |= {span: sure[span].mask >= 0.5 for span in by_finder if span in sure}
        if by_heat and isinstance(self.colorizer, LCADPipeline):
            masks_by_span |= dict(zip(by_heat, masks_of_heat(self.colorizer, rgb, caption, by_heat), strict=True))
        return [mask if (mask := masks_by_span.get(span)) is not None and mask.any() else None for span in spans]
