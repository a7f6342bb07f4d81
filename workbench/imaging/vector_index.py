"""The pictures that are nearest to one, exactly: every vector is looked at, in blocks."""

import numpy as np
from numpy.typing import NDArray

BLOCK = 16384


class VectorIndex:
    """Vectors of length 1 of many pictures, `ids` (N,) and `vectors` (N, F) float32: 128 MB for 100,000 of 320 numbers.

    Rows keep them as float16; here they are wider, for turning one into the other takes longer than the search.
    """

    def __init__(self) -> None:
        self._ids = np.zeros(0, np.int64)
        self._vectors = np.zeros((0, 0), np.float32)

    def __len__(self) -> int:
        return len(self._ids)

    @property
    def ids(self) -> NDArray[np.int64]:
        """The pictures in the index."""
        return self._ids

    def add(self, rows: list[tuple[int, bytes]]) -> None:
        """Add pictures by their packed vectors."""
        if rows:
            more = np.frombuffer(b"".join(vector for _, vector in rows), "<f2").reshape(len(rows), -1).astype(np.float32)
            self._ids = np.concatenate([self._ids, np.array([key for key, _ in rows], np.int64)])
            self._vectors = np.concatenate([self._vectors, more]) if len(self._vectors) else more

    def keep(self, image_ids: NDArray[np.int64]) -> None:
        """Leave out all pictures but these."""
        kept = np.isin(self._ids, image_ids)
        self._ids, self._vectors = self._ids[kept], self._vectors[kept]

    def nearest(self, vector: NDArray[np.floating], most: int) -> list[tuple[int, float]]:
        """The pictures nearest to a vector (F,), with their likeness in [-1, 1], nearest first and of equals the earlier first."""
        query = vector.astype(np.float32)
        likeness = np.empty(len(self._ids), np.float32)
        for start in range(0, len(self._ids), BLOCK):
            likeness[start : start + BLOCK] = self._vectors[start : start + BLOCK] @ query
        first = np.argpartition(-likeness, most - 1)[:most] if len(likeness) > most else np.arange(len(likeness))
        order = first[np.lexsort((self._ids[first], -likeness[first]))]
        return [(int(self._ids[index]), float(likeness[index])) for index in order]

    def vector_of(self, image_id: int) -> NDArray[np.float32] | None:
        """The vector of a picture; None where it has none."""
        places = np.flatnonzero(self._ids == image_id)
        return self._vectors[places[0]] if len(places) else None


def pack(vector: NDArray[np.floating]) -> bytes:
    """A vector as a row keeps it; `unpack` reads it."""
    return vector.astype("<f2").tobytes()


def unpack(packed: bytes) -> NDArray[np.float16]:
    """The vector of a row, (F,) float16."""
    return np.frombuffer(packed, "<f2")
