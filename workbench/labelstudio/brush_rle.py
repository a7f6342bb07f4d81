"""Masks as Label Studio's brush keeps them: bit-packed run lengths of RGBA values, where a painted pixel has alpha 255.

The packing is that of `@thi.ng/rle-pack`: 32 bits for the number of values, 5 for the word size − 1, four times 4 for the sizes of
lengths − 1; then blocks: 1 bit (a run, or values one by one), 2 bits for the size of the length, the length − 1, and one word or many.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from workbench.errors import InvalidInputError

__all__ = ["decode", "encode"]

WORD = 8
SIZES = (3, 4, 8, 16)
CHANNELS = 4
LONGEST = 1 << SIZES[-1]
PAINTED = 128
"""From this alpha on a pixel is painted: the brush softens its edges."""


def encode(mask: NDArray[np.bool_]) -> list[int]:
    """The packed bytes of a mask (H, W) bool."""
    values = np.ascontiguousarray(mask).ravel()
    starts = np.flatnonzero(np.concatenate(([True], values[1:] != values[:-1])))
    lengths, painted = np.diff(np.append(starts, values.size)) * CHANNELS, values[starts]
    pieces = -(-lengths // LONGEST)
    painted = np.repeat(painted, pieces)
    last = np.cumsum(pieces) - 1
    short = np.full(len(painted), LONGEST)
    short[last] = lengths - (pieces - 1) * LONGEST
    return _packed(values.size * CHANNELS, short, painted)


def _packed(count: int, lengths: NDArray[np.int64], painted: NDArray[np.bool_]) -> list[int]:
    choice = np.searchsorted([1 << size for size in SIZES], lengths)
    size = np.array(SIZES)[choice]
    code = (((1 << 2 | choice) << size | lengths - 1) << WORD) | painted * 255
    width = 3 + size + WORD
    longest = 3 + SIZES[-1] + WORD
    bits = (code[:, None] >> np.arange(longest - 1, -1, -1)) & 1
    body = bits[np.arange(longest) >= longest - width[:, None]].astype(np.uint8)
    head = f"{count:032b}{WORD - 1:05b}" + "".join(f"{size - 1:04b}" for size in SIZES)
    return np.packbits(np.concatenate([np.array([int(bit) for bit in head], np.uint8), body])).tolist()


def decode(packed: Sequence[int], height: int, width: int) -> NDArray[np.bool_]:
    """The mask (height, width) bool of packed bytes; raises InvalidInputError where they are broken or of another size."""
    bits = _Bits(bytes(packed))
    count, word = bits.read(32), bits.read(5) + 1
    sizes = [bits.read(4) + 1 for _ in range(4)]
    if count != height * width * CHANNELS:
        raise InvalidInputError(f"A brush mask of {width} × {height} pixels has {count} values instead of {height * width * CHANNELS}.")
    values = np.zeros(count, np.uint8)
    done = 0
    while done < count:
        is_run = bits.read(1)
        end = done + 1 + bits.read(sizes[bits.read(2)])
        if end > count:
            raise InvalidInputError("A brush mask has runs beyond its end.")
        values[done:end] = bits.read(word) if is_run else [bits.read(word) for _ in range(done, end)]
        done = end
    return values.reshape(height, width, CHANNELS)[..., -1] >= PAINTED


class _Bits:
    """Bits of bytes, the most significant first."""

    def __init__(self, content: bytes):
        self._content = content
        self._at = 0

    def read(self, count: int) -> int:
        """The number in the next bits, 32 at most."""
        first, last = self._at >> 3, (self._at + count + 7) >> 3
        if last > len(self._content):
            raise InvalidInputError("A brush mask ends in the middle.")
        self._at += count
        whole = int.from_bytes(self._content[first:last], "big")
        return (whole >> (last * 8 - self._at)) & ((1 << count) - 1)
