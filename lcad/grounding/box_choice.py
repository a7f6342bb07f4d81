"""Which of a detector's boxes a phrase means: that of its name, on its side, or in its turn among phrases of the same name."""

from collections.abc import Sequence

import numpy as np

from lcad.grounding.detector import Box
from lcad.grounding.phrase_context import Phrase, Side


def choose_boxes(phrases: Sequence[Phrase], boxes: Sequence[Box]) -> list[list[Box]]:
    """The boxes of each phrase: those of its name, or the one that its side or its turn among phrases of the same name chooses."""
    matching = [[box for box in boxes if phrase.noun is not None and box.kind in phrase.noun.kinds] for phrase in phrases]
    chosen = [
        [by_side(own_boxes, phrase.side)] if phrase.side and own_boxes else own_boxes
        for phrase, own_boxes in zip(phrases, matching, strict=True)
    ]
    by_name: dict[str, list[int]] = {}
    for number, phrase in enumerate(phrases):
        if phrase.noun is not None and not phrase.side and len(matching[number]) > 1:
            by_name.setdefault(phrase.noun.name, []).append(number)
    for numbers in by_name.values():
        if len(numbers) > 1:
            taken = [box for number in range(len(phrases)) if number not in numbers for box in chosen[number] if len(chosen[number]) == 1]
            free = [box for box in matching[numbers[0]] if box not in taken]
            turns = sorted(free, key=lambda box: -box.score * box.area**0.5)[: len(numbers)]
            if not any(phrases[number].another for number in numbers):  # what is "another" comes after what stands out more
                turns = sorted(turns, key=lambda box: box.center)
            for number, box in zip(sorted(numbers, key=lambda n: phrases[n].span), turns, strict=False):
                chosen[number] = [box]
    return chosen


def by_side(boxes: Sequence[Box], side: Side) -> Box:
    """The box on a side: the leftmost, the lowest for the front, and so on; only those at least a third as large as the largest count."""
    largest = max(box.area for box in boxes)
    large = [box for box in boxes if box.area >= largest / 3] if side != "back" else list(boxes)
    middle = float(np.mean([box.center[0] for box in large]))
    orders = {
        "left": lambda box: box.center[0],
        "right": lambda box: -box.center[0],
        "middle": lambda box: abs(box.center[0] - middle),
        "front": lambda box: -box.bottom,
        "back": lambda box: box.bottom,
    }
    return min(large, key=orders[side])
