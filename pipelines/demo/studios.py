"""More scenes of the demo, as many as are asked for: two or three rendered solids in a studio, described at three levels.

A row is one of `scenes.jsonl`'s kind and depends on its number alone. Solids are nobody's photo, so these scenes may lie in any split.
"""

import numpy as np

STUDIO = "studio"
"""The tag of these scenes."""
PAINTS: dict[str, tuple[str, float]] = {
    "red": ("red", 54), "orange": ("orange", 78), "yellow": ("yellow", 92), "green": ("green", 62), "blue": ("azure", 50),
    "purple": ("purple", 50), "pink": ("pink", 84), "turquoise": ("turquoise", 82), "brown": ("brown", 46), "white": ("white", 112),
    "black": ("black", 20),
}  # fmt: skip
"""Color word → the paint that gives it the best look, and the L of a fully lit surface in it."""
SOLIDS: dict[str, tuple[str, float]] = {
    "cone": ("cone", 0.7), "cylinder": ("cylinder", 0.72), "vase": ("vase", 0.8), "bowl": ("bowl", 0.6), "balloon": ("balloon", 0.74),
    "pear": ("pear", 0.64), "ball": ("sphere", 0.52), "cube": ("cube", 0.58), "ring": ("torus", 0.62), "mug": ("mug", 0.76),
}  # fmt: skip
"""Noun → body and the side of its tile, a part of the canvas."""
WALLS = {"gray": 68, "white": 88, "blue": 66, "green": 56, "pink": 76, "yellow": 82, "brown": 48}
TABLES = {"gray": 70, "white": 90, "brown": 45, "green": 50, "blue": 48}
JOINS = (" and ", " next to ", " beside ")


def studio_row(number: int) -> dict:
    """The scene of a number: its wall and table, its solids from left to right, and a complete, a partial and a scarce caption or two."""
    rng = np.random.default_rng([7, number])
    count = 2 + int(rng.random() < 0.4)
    nouns = [str(noun) for noun in rng.choice(list(SOLIDS), count, replace=False)]
    words = [str(word) for word in rng.choice(list(PAINTS), count, replace=False)]
    places = (np.arange(count) + 0.5) / count + rng.uniform(-0.05, 0.05, count)
    lines = rng.uniform(0.76, 0.95, count)
    layers = [_layer(rng, *one) for one in zip(nouns, words, places, lines, strict=True)]
    wall, table = str(rng.choice(list(WALLS))), str(rng.choice(list(TABLES)))
    background = {
        "wall": [wall, WALLS[wall]], "floor": [table, TABLES[table]], "horizon": round(float(rng.uniform(0.46, 0.62)), 2),
        "wall_strength": 0.35,
        "regions": [{"region": part, "nouns": [part], "part": where} for part, where in (("wall", "wall"), ("table", "floor"))],
    }  # fmt: skip
    order = sorted(layers, key=lambda layer: layer["at"][1])  # the nearer stand lower and cover the farther
    captions = _captions(rng, nouns, words, table)
    return {"name": f"studio-{number:03d}", "background": background, "layers": order, "captions": captions, "tags": ["solid", STUDIO]}


def _layer(rng: np.random.Generator, noun: str, word: str, across: float, down: float) -> dict:
    body, side = SOLIDS[noun]
    paint, base = PAINTS[word]
    return {
        "region": noun, "nouns": [noun], "solid": body, "color": word, "paint": paint, "base": base,
        "side": round(side * float(rng.uniform(0.8, 1.05)), 2), "at": [round(float(across), 2), round(float(down), 2)],
        "turn": int(rng.integers(0, 90)) if body == "cube" else 0,
    }  # fmt: skip


def _captions(rng: np.random.Generator, nouns: list[str], words: list[str], table: str) -> dict[str, list[str]]:
    """Marked captions by level: all colors with and without the table's, all but one, none."""
    colored = [_marked(noun, word) for noun, word in zip(nouns, words, strict=True)]
    plain = [_marked(noun) for noun in nouns]
    left_out = int(rng.integers(len(nouns)))
    partial = [plain[i] if i == left_out else colored[i] for i in range(len(nouns))]
    some = [colored[i] if i == left_out else plain[i] for i in range(len(nouns))]
    join = str(rng.choice(JOINS))
    return {
        "complete": [_joined(colored, join), f"{_joined(colored, ' and ')} on {_marked('table', table)}"],
        "partial": [_joined(partial, join), f"{_joined(some, ' and ')} on {_marked('table')}"],
        "scarce": [f"{_joined(plain, ' and ')} on {_marked('table')}"],
    }


def _marked(noun: str, word: str = "") -> str:
    """`{cup|a red cup}`, with the article that the next word takes."""
    words = f"{word} {noun}".strip()
    return f"{{{noun}|{'an' if words[0] in 'aeiou' else 'a'} {words}}}"


def _joined(parts: list[str], join: str) -> str:
    return ", ".join(parts[:-1]) + join + parts[-1] if len(parts) > 2 else join.join(parts)
