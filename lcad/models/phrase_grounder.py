"""Which pixels a phrase means, on a gray picture: a small decoder on a frozen classifier's features, conditioned on words.

What is seen in a picture is worked out once, as a vector at each place; a phrase is the vector of its noun (`lcad.grounding.nouns`), from
which keys are made, and where a picture's vectors are like its keys, there it may be. Three hints add to that: the boxes that a detector
drew for things of that name, the boxes of the people that it belongs to (of garments), and how much of the classes that the noun covers
the classifier sees where. Any of them may be empty. So a phrase costs next to nothing, and a caption of many phrases no more than one.

The classifier is the color prior's (`lcad.models.color_prior`), shown the picture larger. That words modulate what is made of the hints is
after Perez et al. (2018, "FiLM: Visual reasoning with a general conditioning layer").
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import nn
from torch.nn import functional as F

SEEN = (40, 112, 320)  # channels of the classifier's features at 1/8, 1/16 and 1/32
SIDE = 320  # pixels a side at which pictures are shown
CELLS = SIDE // 8  # a side of the masks, and of the maps of boxes
KEYS = 4  # of a phrase, at each of two resolutions
MOST_DEVIATIONS = 5.0
SHARPNESS = 6.0  # what a likeness of one counts among the hints, at first
STATISTICS = 6


class Residual(nn.Module):
    """Two 3 × 3 convolutions beside the identity."""

    def __init__(self, channels: int):
        super().__init__()
        self.first, self.second = (nn.Conv2d(channels, channels, 3, padding=1) for _ in range(2))
        nn.init.normal_(self.second.weight, std=0.1 / (3 * channels**0.5))
        nn.init.zeros_(self.second.get_parameter("bias"))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(B, C, h, w) of the same shape."""
        return x + self.second(F.relu(self.first(F.relu(x))))


@dataclass(frozen=True)
class SeenPicture:
    """What is seen in pictures whatever is asked of them, a vector at each place, at 1/16 and 1/8 of their size."""

    coarse: torch.Tensor
    middle: torch.Tensor


@dataclass(frozen=True)
class PhraseHints:
    """What is asked of pictures, Q phrases.

    row (Q,)                    the picture of each phrase
    words (Q, W)                the vectors of their nouns
    boxes, people (Q, 1, n, n)  scores in [0, 1] of boxes of things of that name, and of the people it belongs to; n is CELLS
    classes (Q, 2, m, m)        how much its classes are seen where, about [0, 1], and 1 where it has any
    """

    row: torch.Tensor
    words: torch.Tensor
    boxes: torch.Tensor
    people: torch.Tensor
    classes: torch.Tensor

    def some(self, phrases: Sequence[int]) -> "PhraseHints":
        """Of some of the phrases, in the order that is given."""
        picked = list(phrases)
        return PhraseHints(self.row[picked], self.words[picked], self.boxes[picked], self.people[picked], self.classes[picked])


class PhraseGrounder(nn.Module):
    """Masks of phrases; the classifier is not part of it."""

    def __init__(self, words: int = 112, wide: int = 128, middle: int = 64, inner: int = 20, hidden: int = 192):
        super().__init__()
        self.config = {"words": words, "wide": wide, "middle": middle, "inner": inner, "hidden": hidden}
        for number, channels in enumerate(SEEN):
            self.register_buffer(f"mean{number}", torch.zeros(channels))
            self.register_buffer(f"deviation{number}", torch.ones(channels))
        self.enter_32, self.whole, self.mix_32 = nn.Conv2d(SEEN[2], wide, 1), nn.Linear(SEEN[2], wide), Residual(wide)
        self.enter_16, self.mix_16 = nn.Conv2d(SEEN[1], wide, 1), nn.Sequential(Residual(wide), Residual(wide))
        self.enter_8, self.from_16 = nn.Conv2d(SEEN[0], middle, 1), nn.Conv2d(wide, middle, 1)
        self.mix_8 = nn.Sequential(Residual(middle), Residual(middle))
        self.words = nn.Sequential(nn.Linear(words, hidden), nn.GELU(), nn.Linear(hidden, hidden), nn.GELU())
        self.keys_16, self.keys_8 = nn.Linear(hidden, KEYS * wide), nn.Linear(hidden, KEYS * middle)
        self.film = nn.Linear(hidden, 2 * inner)
        nn.init.normal_(self.film.weight, std=0.03)
        nn.init.zeros_(self.film.bias)
        self.weigh, self.think = nn.Conv2d(2 * KEYS + 4, inner, 3, padding=1), nn.Conv2d(inner, inner, 3, padding=2, dilation=2)
        self.mask, self.direct = nn.Conv2d(inner, 1, 1), nn.Parameter(torch.tensor([SHARPNESS, SHARPNESS]))
        nn.init.constant_(self.mask.get_parameter("bias"), -3.0)
        self.judge = nn.Sequential(nn.Linear(2 * wide + hidden + STATISTICS, 96), nn.GELU(), nn.Linear(96, 2))

    def see(self, features: tuple[torch.Tensor, torch.Tensor, torch.Tensor]) -> SeenPicture:
        """What is seen in pictures, of the classifier's features at 1/8, 1/16 and 1/32."""
        eighth, sixteenth, coarsest = (self._normal(level, number) for number, level in enumerate(features))
        coarsest = self.mix_32(self.enter_32(coarsest) + self.whole(coarsest.mean((2, 3)))[:, :, None, None])
        coarse = self.mix_16(self.enter_16(sixteenth) + _to(coarsest, sixteenth))
        middle = self.mix_8(self.enter_8(eighth) + self.from_16(_to(coarse, eighth)))
        return SeenPicture(F.normalize(coarse, dim=1), F.normalize(middle, dim=1))

    def forward(self, seen: SeenPicture, phrase_hints: PhraseHints) -> tuple[torch.Tensor, torch.Tensor]:
        """Logits of masks (Q, 1, CELLS, CELLS), and of being there and of being found right, (Q, 2)."""
        words, coarse, middle = self.words(phrase_hints.words), seen.coarse[phrase_hints.row], seen.middle[phrase_hints.row]
        like_16, like_8 = _to(_likeness(coarse, self.keys_16(words)), middle), _likeness(middle, self.keys_8(words))
        hints = torch.cat(
            [like_16 * SHARPNESS, like_8 * SHARPNESS, phrase_hints.boxes, phrase_hints.people, _to(phrase_hints.classes, middle)], 1
        )
        scale, shift = self.film(words)[:, :, None, None].chunk(2, 1)
        inner = F.relu(self.weigh(hints) * (1 + scale) + shift)
        inner = inner + F.relu(self.think(inner))
        mask = self.mask(inner) + self.direct[0] * like_16[:, :1] + self.direct[1] * like_8[:, :1]
        return mask, self._judged(coarse, words, mask.detach().float().sigmoid(), phrase_hints)

    def _judged(self, coarse: torch.Tensor, words: torch.Tensor, mask: torch.Tensor, hints: PhraseHints) -> torch.Tensor:
        pooled = F.adaptive_avg_pool2d(mask, (coarse.shape[-2], coarse.shape[-1])).to(coarse)
        inside = (coarse * pooled).sum((2, 3)) / (pooled.sum((2, 3)) + 1e-3)
        total = mask.sum((1, 2, 3)) + 1e-3
        sure, in_boxes = (mask * mask).sum((1, 2, 3)) / total, (hints.boxes * mask).sum((1, 2, 3)) / total
        area, peaks = mask.mean((1, 2, 3)).sqrt(), (mask.amax((1, 2, 3)), hints.boxes.amax((1, 2, 3)), hints.classes[:, 0].amax((1, 2)))
        statistics = torch.stack([peaks[0], area, sure, peaks[1], in_boxes, peaks[2]], 1)
        return self.judge(torch.cat([coarse.mean((2, 3)), inside, words, statistics.to(words)], 1))

    def _normal(self, level: torch.Tensor, number: int) -> torch.Tensor:
        mean, deviation = (getattr(self, f"{name}{number}").to(level)[:, None, None] for name in ("mean", "deviation"))
        return ((level - mean) / deviation).clamp(-MOST_DEVIATIONS, MOST_DEVIATIONS)


def _to(x: torch.Tensor, like: torch.Tensor) -> torch.Tensor:
    """Brought to the height and width of another."""
    return F.interpolate(x, like.shape[-2:], mode="bilinear")


def _likeness(x: torch.Tensor, keys: torch.Tensor) -> torch.Tensor:
    """How alike places of (Q, C, h, w) and keys (Q, K · C) are, (Q, K, h, w) in [-1, 1]."""
    keys = F.normalize(keys.unflatten(1, (KEYS, -1)), dim=2).to(x)
    return torch.bmm(keys, x.flatten(2)).unflatten(2, x.shape[-2:])
