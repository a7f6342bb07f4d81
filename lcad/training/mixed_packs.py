"""Several packs as one: a share of each in every batch, and fixed draws of what is held out."""

from collections.abc import Sequence

import numpy as np

from lcad.dataset import Description
from lcad.training.packed_dataset import Drawn, Pack

ITEMS = 2**31 - 1  # that can be asked for; which one means nothing, for packs are drawn from by share


class MixedPacks:
    """Examples drawn from packs by their shares. Raises ValueError without packs, and for shares that are none."""

    def __init__(self, packs: Sequence[Pack], shares: Sequence[float]):
        if not packs or len(packs) != len(shares) or min(shares) < 0 or sum(shares) <= 0:
            raise ValueError(f"expected packs with a share of 0 or more each, got {len(packs)} packs and the shares {list(shares)}")
        self.packs, self.shares = tuple(packs), np.array(shares, float) / sum(shares)
        self.folder = packs[0].folder
        self.encoded = ITEMS if all(pack.encoded for pack in packs) else 0

    def __len__(self) -> int:
        return sum(map(len, self.packs))

    def draw(self, _item: int, rng: np.random.Generator) -> Drawn:
        """An encoded example of a pack that is drawn by share."""
        pack = self.packs[int(rng.choice(len(self.packs), p=self.shares))]
        return pack.draw(int(rng.integers(pack.encoded)), rng)


class FixedDraws:
    """So many draws of each of several packs, always the same: what a validation loss is measured on."""

    def __init__(self, packs: Sequence[Pack], each: int, seed: int = 91):
        self.folder, self._drawn = packs[0].folder, []
        for number, pack in enumerate(packs):
            for n in range(each):
                rng = np.random.default_rng([seed, number, n])
                self._drawn.append(pack.draw(int(rng.integers(pack.encoded)), rng))
        self.encoded = len(self._drawn)
        self.descriptions = [(one.description,) for one in self._drawn]

    def __len__(self) -> int:
        return len(self._drawn)

    def drawn(self, item: int, _description: Description) -> Drawn:
        """A draw, under its own description."""
        return self._drawn[item]
