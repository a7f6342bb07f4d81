"""Where a phrase is likeliest that is not surely found: where its mask is least unlikely, and what is worn where bodies have it.

What people wear is small, and often too faint to be surely found, but it lies where bodies have it. Heights are parts of a standing
person's box, as they were read off the outlines of Clothing Co-Parsing; of a box that is cut off by the picture's lower edge, or of
somebody who sits, the upper body is seen larger.
"""

from collections.abc import Sequence

import numpy as np

from lcad.grounding.detector import Box
from lcad.grounding.letterbox import Letterbox
from lcad.grounding.phrase_context import Phrase

FAINT = 0.03  # of a mask: what a body has everywhere of what is worn
NOWHERE = 0.003  # of a mask: less says nothing of a place
UPPER = ("shirt", "t-shirt", "tshirt", "tee", "top", "tank top", "blouse", "sweater", "sweatshirt", "hoodie", "jersey", "vest", "cardigan",
         "polo shirt", "dress shirt", "pullover", "turtleneck", "jacket", "blazer")  # fmt: skip
LOWER = ("pants", "trousers", "jeans", "jean", "slacks", "leggings")
PLACES: dict[str, tuple[float, float]] = {
    **dict.fromkeys(UPPER, (0.14, 0.5)), **dict.fromkeys(LOWER, (0.42, 0.95)),
    **dict.fromkeys(("coat", "overcoat", "raincoat", "robe", "dress", "gown", "kimono", "sari", "uniform", "suit"), (0.14, 0.72)),
    **dict.fromkeys(("outfit", "clothes", "clothing", "costume", "overalls", "wetsuit", "wet suit", "tuxedo"), (0.14, 0.9)),
    **dict.fromkeys(("skirt", "shorts", "trunks", "swim trunks", "kilt", "miniskirt"), (0.4, 0.68)),
    **dict.fromkeys(("hat", "cap", "helmet", "beanie", "headband", "bandana", "hair"), (0.0, 0.16)),
    **dict.fromkeys(("glasses", "sunglasses", "goggles", "face", "beard"), (0.03, 0.16)),
    **dict.fromkeys(("scarf", "shawl", "tie", "necktie", "bow tie"), (0.12, 0.36)),
    **dict.fromkeys(("shoe", "shoes", "sneaker", "boot", "boots", "sandal", "sock"), (0.84, 1.0)),
    **dict.fromkeys(("glove", "mitten"), (0.36, 0.6)), "belt": (0.38, 0.5),
}  # fmt: skip
SOFT = 0.05  # of the box's height over which a place fades
STANDING = 1.9  # height over width from which somebody is seen from head to foot
LEFT = 0.15  # of the chance in the rest of the box


def body_map(view: Letterbox, garment: str, people: Sequence[Box], shape: tuple[int, ...]) -> np.ndarray | None:
    """Where a garment may be worn, (h, w) in [0, 1] on the picture's part of the canvas; None where it is unknown or nobody is there."""
    place = PLACES.get(garment)
    if place is None or not people:
        return None
    height, width = view.height, view.width
    y, x = ((np.arange(count) + 0.5) / count * extent for count, extent in zip(shape, (height, width), strict=True))
    likelihood = np.zeros(shape, np.float32)
    for box in people:
        tall, wide = max(box.bottom - box.top, 1.0), max(box.right - box.left, 1.0)
        seen = 1.0 if box.bottom < 0.98 * height else float(np.clip(tall / wide / STANDING, 0.45, 1.0))
        down = (y - box.top) / tall * seen
        along = np.clip((down - place[0]) / SOFT + 1, 0, 1) * np.clip((place[1] - down) / SOFT + 1, 0, 1)
        inside = (down >= -0.03) & (down <= 1.03 * seen)
        across = np.clip(1.15 - 1.1 * np.abs(x - box.center[0]) / wide, 0, 1) * (np.abs(x - box.center[0]) <= 0.54 * wide)
        worn = (LEFT + (1 - LEFT) * along * inside)[:, None] * inside[:, None] * across[None] * (0.5 + 0.5 * box.score)
        likelihood = np.maximum(likelihood, worn)
    return likelihood if likelihood.any() else None


def likeliest(mask: np.ndarray, view: Letterbox, phrase: Phrase, people: Sequence[Box]) -> np.ndarray | None:
    """Where a phrase is likeliest, (h, w) in [0, 1] with its peak at 1, of its mask (h, w) in [0, 1] on the picture's part of the canvas.

    What is worn is where its wearer's body would have it. None where the mask is nearly nowhere and nobody could wear it.
    """
    body = body_map(view, phrase.noun.name, people, mask.shape) if phrase.worn and phrase.noun is not None else None
    if body is not None:
        mask = (mask + FAINT) * body
    elif mask.max() < NOWHERE:
        return None
    return np.sqrt(mask / max(float(mask.max()), 1e-6))
