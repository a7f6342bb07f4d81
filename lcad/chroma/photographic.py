"""Chroma as photos have it: what a denoiser paints under guidance is more vivid than things are.

On 23 photos held out, under their true captions, what a caption named had a chroma of 67 where a sky had 46, 56 where grass had 32 and 53
where trousers had 13; in ΔE00 it was farther from the truth (10.3) than what nobody had named (9.1). So chroma above a knee grows more
slowly: the hue stays, and the order of what is more and less vivid. A caption that asks for bright or neon colors has them.
"""

import re
from dataclasses import dataclass

import numpy as np

VIVID = re.compile(
    r"\b(?:bright|brightly|vivid|vividly|neon|vibrant|electric|saturated|fluorescent|glowing|hot pink|garish|lurid)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class ChromaKnee:
    """Up to `start` (Lab units) chroma stays as it is, above it only `slope` of it is left. ValueError for what is no such thing."""

    start: float = 16.0
    slope: float = 0.5

    def __post_init__(self):
        if self.start <= 0 or not 0 <= self.slope <= 1:
            raise ValueError(f"expected a knee's start above 0 and a slope in [0, 1], got {self}")

    def calmed(self, chroma: np.ndarray) -> np.ndarray:
        """Chroma (…, 2) in Lab units with its excess reduced."""
        length = np.linalg.norm(chroma, axis=-1, keepdims=True)
        above = np.maximum(length - self.start, 0)
        return chroma * (1 - (1 - self.slope) * above / np.maximum(length, 1e-6))


def asks_for_vivid(caption: str) -> bool:
    """Whether a caption asks for colors more vivid than photos have."""
    return VIVID.search(caption) is not None
