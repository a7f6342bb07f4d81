"""Where to look for a picture of which another one may be a cut: an index of parts of descriptions, searched without touching the rest.

Locality-sensitive hashing (Indyk and Motwani 1998): of each description TABLES keys of BITS of its bits. Descriptions of the same point
differ in few bits, so one of their keys is often equal, or differs in one bit; all such neighbors are looked up too (multi-probe, Lv et
al. 2007). An image collects a vote for each point of the query that finds one of its own; what many points find counts little.
"""

import struct
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

VERSION = 1
HEAD = struct.Struct("<BHHBBH")
"""What packed landmarks begin with: version, size of the picture, size of the small one, number of points."""
DESCRIPTION = 16
"""Bytes of the description of a point; they stand behind the places, which take four."""

BITS, TABLES = 24, 2
KEPT = 128
"""Points of an image, the strongest, whose keys are in the index."""
COMMON = 64
"""A point that finds more than this in a table says nothing."""
CANDIDATES = 12
LEAST_VOTES = 1.0

_CHOSEN = np.random.default_rng(7).permutation(128)[: BITS * TABLES].reshape(TABLES, BITS)
_WEIGHTS = 1 << np.arange(BITS, dtype=np.int64)
_PROBES = np.concatenate([[0], _WEIGHTS])


def descriptions_of(packed: bytes) -> NDArray[np.uint8]:
    """The descriptions (N, 16) uint8 in packed landmarks. Raises ValueError for bytes of another version."""
    version, *_sizes, number = HEAD.unpack_from(packed)
    if version != VERSION:
        raise ValueError(f"expected landmarks of version {VERSION}, got {version}")
    return np.frombuffer(packed, np.uint8, DESCRIPTION * number, HEAD.size + 4 * number).reshape(-1, DESCRIPTION)


def keys_of(descriptions: NDArray[np.uint8]) -> NDArray[np.uint32]:
    """The keys (TABLES, N) of descriptions (N, 16) uint8."""
    bits = np.unpackbits(descriptions, axis=1).astype(np.int64)
    return np.stack([bits[:, chosen] @ _WEIGHTS for chosen in _CHOSEN]).astype(np.uint32)


def kept_keys(descriptions: NDArray[np.uint8]) -> bytes:
    """The keys of an image's strongest points, as its row keeps them."""
    return keys_of(descriptions[:KEPT]).astype("<u4").tobytes()


class CropIndex:
    """The keys of many images, in sorted pieces that double in size: adding is cheap, a search looks into few of them.

    For 100,000 images it holds 205 MB and a search takes a few milliseconds.
    """

    def __init__(self) -> None:
        self._pieces: list[tuple[NDArray[np.uint32], NDArray[np.int64]]] = []
        """Keys (TABLES, n), each table sorted, and the images (TABLES, n) that they belong to."""
        self._waiting: list[tuple[int, NDArray[np.uint32]]] = []
        self.newest = 0

    def add(self, image_id: int, keys: bytes) -> None:
        """Add one image by its kept keys."""
        self._waiting.append((image_id, np.frombuffer(keys, "<u4").reshape(TABLES, -1)))
        self.newest = max(self.newest, image_id)

    def add_found(self, image_id: int, descriptions: NDArray[np.uint8]) -> None:
        """Add one image by the descriptions of its points."""
        self.add(image_id, kept_keys(descriptions))

    def candidates(self, descriptions: NDArray[np.uint8]) -> list[int]:
        """The images that most probably show what a picture with such points shows, best first, at most CANDIDATES."""
        self._settle()
        if not len(descriptions) or not self._pieces:
            return []
        points, images, weights = self._votes(keys_of(descriptions))
        _pairs, first = np.unique(np.stack([points, images]), axis=1, return_index=True)  # a point votes for an image once
        ids, place = np.unique(images[first], return_inverse=True)
        votes = np.bincount(place, weights=weights[first], minlength=len(ids))
        order = np.lexsort((ids, -votes))[:CANDIDATES]
        return [int(ids[index]) for index in order if votes[index] >= LEAST_VOTES]

    def _votes(self, keys: NDArray[np.uint32]) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
        """Which point found which image, and what that weighs."""
        votes: list[tuple[NDArray, NDArray, NDArray]] = []
        for table, own in enumerate(keys):
            probes = (own[:, None].astype(np.int64) ^ _PROBES).astype(np.uint32).ravel()
            points = np.repeat(np.arange(len(own)), len(_PROBES))
            ranges = [np.searchsorted(piece[table], probes, side) for piece, _images in self._pieces for side in ("left", "right")]
            totals = np.bincount(points, sum(ranges[1::2]) - sum(ranges[::2]), len(own))
            for (_piece, images), low, high in zip(self._pieces, ranges[::2], ranges[1::2], strict=True):
                counts = np.where(totals[points] <= COMMON, high - low, 0)
                starts = np.repeat(low - np.cumsum(counts) + counts, counts)
                hit = np.repeat(points, counts)
                votes.append((hit, images[table][starts + np.arange(len(starts))], 1 / np.sqrt(totals[hit])))
        points, images, weights = (np.concatenate(part) for part in zip(*votes, strict=True))
        return points, images, weights

    def _settle(self) -> None:
        """Bring what was added into a sorted piece, and pieces of similar size together."""
        if self._waiting:
            keys = np.concatenate([keys for _, keys in self._waiting], axis=1)
            ids = np.concatenate([np.full(keys.shape[1], image_id, np.int32) for image_id, keys in self._waiting])
            self._pieces.append(_sorted(keys, np.stack([ids] * TABLES)))
            self._waiting = []
        while len(self._pieces) > 1 and self._pieces[-1][0].shape[1] * 2 >= self._pieces[-2][0].shape[1]:
            (keys, ids), (more, others) = self._pieces.pop(), self._pieces.pop()
            self._pieces.append(_sorted(np.concatenate([keys, more], axis=1), np.concatenate([ids, others], axis=1)))


def _sorted(keys: NDArray[np.uint32], ids: NDArray) -> tuple[NDArray[np.uint32], NDArray]:
    order = np.argsort(keys, axis=1, kind="stable")
    return np.take_along_axis(keys, order, 1), np.take_along_axis(ids, order, 1)


def index_of(rows: Iterable[tuple[int, bytes]]) -> CropIndex:
    """An index of images by their kept keys."""
    index = CropIndex()
    for image_id, keys in rows:
        index.add(image_id, keys)
    return index
