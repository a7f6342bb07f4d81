"""The grounder's nouns: what WordNet and a sentence encoder know of them, as vectors and as lists of the classes that they cover.

    python -m pipelines.pretraining.noun_table WORDNET ENCODER --nouns EXTRA.txt --out DIR

WORDNET is the folder of WordNet 3.0's `data.noun` and `index.noun` (Debian's wordnet-base has it), ENCODER that of a sentence encoder of
transformers (all-MiniLM-L6-v2), EXTRA.txt has a noun a line that must be there, as the captions of a collection name them. A noun means
its first sense that is a thing, a being, a substance or a place, but for OVERRIDES, where captions mean another.
"""

import argparse
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import torch

from lcad.grounding.detector import KINDS
from lcad.grounding.nouns import NounTable

THINGS = {3, 5, 6, 8, 13, 17, 18, 20}  # WordNet's files of beings, artifacts, bodies, food, objects, people and plants
OTHERS = {14, 15, 19, 25, 27}  # of groups, places, phenomena, shapes and substances
MOST_SENSES = 6
PEOPLE = 18  # WordNet's file of them
OVERRIDES = {
    "top": "blouse", "suit": "suit of clothes", "court": "tennis court", "tie": "necktie", "glasses": "spectacles", "pool": "swimming pool",
    "wetsuit": "wet suit", "tank top": "tee shirt", "pottedplant": "flowerpot", "tvmonitor": "television", "aeroplane": "airplane",
    "motorbike": "motorcycle", "diningtable": "dining table", "sports ball": "ball", "hot dog": "hotdog", "t-shirt": "tee shirt",
    "tshirt": "tee shirt", "tee": "tee shirt", "pants": "trouser", "shorts": "short pants", "heels": "spike heel", "flats": "shoe",
    "wedges": "shoe", "cell phone": "cellular telephone", "sofa": "couch", "hoodie": "sweatshirt", "purse": "bag", "handbag": "bag",
    "ground": "land", "bat": "baseball bat", "remote": "remote control", "trunks": "swimming trunks", "kid": "child", "guy": "man",
    "bike": "bicycle", "plane": "airplane", "lady": "woman", "fire hydrant": "fireplug", "stop sign": "street sign", "donut": "doughnut",
    "paraglider": "parachute", "teddy bear": "teddy",
}  # fmt: skip
KIND_SYNSETS = {
    "mouse": "mouse,computer mouse", "remote": "remote control,remote", "tie": "necktie,tie",
    "traffic light": "traffic light,traffic signal",
    "stop sign": "street sign", "sports ball": "ball", "hair drier": "hand blower", "handbag": "bag,handbag",
    "person": "person,individual",
    "skis": "ski", "wine glass": "wineglass", "toilet": "toilet,can", "teddy bear": "teddy,teddy bear", "pottedplant": "pot,flowerpot",
}  # fmt: skip
TOO_GENERAL = (
    "entity", "physical entity", "object", "whole", "matter", "artifact", "living thing", "organism", "substance", "instrumentality",
    "structure", "causal agent", "thing", "abstraction", "covering", "device", "natural object",
)  # fmt: skip
ENCODED, RELATED = 64, 48  # axes of a vector that come from the encoder and from what kinds of things it is
ENCODER_WEIGHT = 0.8
LEAST_NOUNS, MOST_SHARE = 12, 0.4  # of the nouns that must be one of a kind of things for it to count
MOST_CLASSES, FEW_CLASSES = 450, 12
LONGEST = 30


@dataclass(frozen=True)
class Synset:
    """A sense: WordNet's file of it, its words, the names of what it is a kind of, and whether it is a single person."""

    file: int
    words: tuple[str, ...]
    kinds_of: tuple[str, ...]
    single: bool


class WordNet:
    """The nouns of WordNet, read from its own files."""

    def __init__(self, folder: str | Path):
        folder = Path(folder)
        self.synsets = dict(map(_synset, _lines(folder / "data.noun")))
        self.senses: dict[str, list[str]] = {}
        self.tagged: dict[str, int] = {}
        for line in _lines(folder / "index.noun"):
            lemma, _, _, pointers, *rest = line.split()
            rest = rest[int(pointers) :]
            self.senses[lemma.replace("_", " ")], self.tagged[lemma.replace("_", " ")] = rest[2:], int(rest[1])

    def sense(self, noun: str) -> str | None:
        """The name of the sense that captions mean by a noun; None where none is something to see.

        Snow and sand are no writers: single people count where a noun means nothing else.
        """
        word = OVERRIDES.get(noun, noun)
        lemma = next((form for form in (word, word.removesuffix("s"), word.replace("-", " ")) if form in self.senses), None)
        senses = self.senses.get(lemma, [])
        for single in (False, True):
            for files in (THINGS, THINGS | OTHERS):
                for name in senses[:MOST_SENSES]:
                    if self.synsets[name].file in files and self.synsets[name].single <= single:
                        return name
        return None

    def above(self, name: str) -> list[str]:
        """A sense and all that it is a kind of, nearest first."""
        ancestors, waiting = {}, [name]
        while waiting:
            current = waiting.pop(0)
            if current not in ancestors:
                ancestors[current] = None
                waiting += self.synsets[current].kinds_of
        return list(ancestors)

    def with_words(self, *words: str) -> str | None:
        """The sense whose first words are these."""
        return next((name for name, synset in self.synsets.items() if synset.words[: len(words)] == words), None)

    @cached_property
    def too_general(self) -> set[str | None]:
        """The senses of TOO_GENERAL, which no picture shows as such."""
        return {self.with_words(word) for word in TOO_GENERAL}


def _lines(path: Path) -> Iterable[str]:
    if not path.is_file():
        raise ValueError(f"{path} is missing: expected the folder of WordNet's data.noun and index.noun")
    return (line for line in path.read_text(encoding="utf-8").splitlines() if not line.startswith("  "))


def _synset(line: str) -> tuple[str, Synset]:
    name, file, _, count, *rest = line.split("|")[0].split()
    count = int(count, 16)
    words = tuple(word.lower().replace("_", " ") for word in rest[: 2 * count : 2])
    pointers = rest[2 * count + 1 :]
    kinds_of = tuple(pointers[k + 1] for k in range(0, 4 * int(rest[2 * count]), 4) if pointers[k] in ("@", "@i"))
    single = int(file) == PEOPLE and any(pointers[k] == "@i" for k in range(0, 4 * int(rest[2 * count]), 4))
    return name, Synset(int(file), words, kinds_of, single)


def chosen_nouns(wordnet: WordNet, extra: Iterable[str], classes: Iterable[str]) -> list[str]:
    """The nouns of the table: those asked for, the detector's kinds, the classifier's classes and what they are, and common things."""
    chosen = {*extra, *KINDS, *OVERRIDES}
    for lemma, senses in wordnet.senses.items():
        name = wordnet.sense(lemma)
        if name is None or re.search(r"[0-9./]", lemma) or len(lemma) > 24 or lemma.count(" ") > 1:
            continue
        synset = wordnet.synsets[name]
        common = synset.file in THINGS and wordnet.tagged[lemma] > 0
        plain = name == senses[0] and synset.file in {6, 13} and lemma == synset.words[0] and len(wordnet.above(name)) <= 9
        if common or plain:
            chosen.add(lemma)
    for name in classes:
        for kind in wordnet.above(name)[:4]:
            chosen |= set(wordnet.synsets[kind].words)
    return sorted(word for word in chosen if word and len(word) < LONGEST)


def covered(wordnet: WordNet, nouns: list[str], classes: list[str]) -> tuple[list[list[int]], list[list[int]]]:
    """The detector's kinds and the classifier's classes (senses, in their order) that each noun covers or is a kind of."""
    kind_senses = [_kind_sense(wordnet, kind) for kind in KINDS]
    kinds_above = [set(wordnet.above(name)) if name else set() for name in kind_senses]
    classes_above = [set(wordnet.above(name)) for name in classes]
    person, kinds, seen = kind_senses[0], [], []
    for noun in nouns:
        name = wordnet.sense(noun)
        above = wordnet.above(name) if name else []
        vectors, known = [], []
        if name and name not in wordnet.too_general:
            vectors = [k for k, (own, up) in enumerate(zip(kind_senses, kinds_above, strict=True)) if own and (own in above or name in up)]
            vectors = [0] if person in above else vectors
            known = [k for k, up in enumerate(classes_above) if name in up]
            for near in above[1:3] if not known else ():
                if near in wordnet.too_general or known:
                    break
                known = [k for k, up in enumerate(classes_above) if near in up]
                known = known if len(known) <= FEW_CLASSES else []
        if noun in KINDS and KINDS.index(noun) not in vectors:
            vectors = [KINDS.index(noun), *vectors]
        kinds.append(vectors)
        seen.append(known if len(known) <= MOST_CLASSES else [])
    return kinds, seen


def _kind_sense(wordnet: WordNet, kind: str) -> str | None:
    words = KIND_SYNSETS.get(kind, "").split(",")
    return (wordnet.with_words(*words) if words != [""] else None) or wordnet.sense(kind)


def vectors_of(wordnet: WordNet, nouns: list[str], encoded: np.ndarray) -> np.ndarray:
    """Vectors (N, ENCODED + RELATED) of nouns, of what an encoder makes of them (N, D) and of what they are kinds of."""
    names = [wordnet.sense(noun) for noun in nouns]
    above = [set(wordnet.above(name)) if name else set() for name in names]
    counts = Counter(kind for kinds in above for kind in kinds)
    basis = {kind: k for k, kind in enumerate(sorted(kind for kind, n in counts.items() if LEAST_NOUNS <= n <= MOST_SHARE * len(nouns)))}
    related = np.zeros((len(nouns), max(len(basis), RELATED)), np.float32)
    for row, kinds in enumerate(above):
        for kind in kinds & basis.keys():
            related[row, basis[kind]] = 1 / np.sqrt(np.log2(2 + counts[kind]))
    return np.concatenate([ENCODER_WEIGHT * _components(_unit(encoded), ENCODED), _components(_unit(related), RELATED)], 1)


def _unit(rows: np.ndarray) -> np.ndarray:
    return rows / (np.linalg.norm(rows, axis=1, keepdims=True) + 1e-6)


def _components(rows: np.ndarray, count: int) -> np.ndarray:
    """The first principal components (N, count) of rows (N, D), of a deviation of one."""
    centered = rows - rows.mean(0)
    values, axes = np.linalg.eigh(centered.T @ centered)
    components = centered @ axes[:, np.argsort(-values)[:count]]
    return (components / components.std()).astype(np.float32)


@torch.no_grad()
def encode(folder: str | Path, nouns: list[str], batch_size: int = 128) -> np.ndarray:
    """What a sentence encoder of transformers makes of nouns: the mean of its tokens' last states, (N, D)."""
    from transformers import AutoModel, AutoTokenizer

    tokenizer, model = AutoTokenizer.from_pretrained(folder), AutoModel.from_pretrained(folder).eval()
    parts = []
    for start in range(0, len(nouns), batch_size):
        tokens = tokenizer(nouns[start : start + batch_size], padding=True, return_tensors="pt")
        mask = tokens["attention_mask"][..., None]
        parts.append((model(**tokens).last_hidden_state * mask).sum(1) / mask.sum(1))
    return torch.cat(parts).numpy()


def classifier_senses(wordnet: WordNet) -> list[str]:
    """The senses of the classifier's thousand classes, as `timm` lists them."""
    from timm.data import ImageNetInfo

    return [name.removeprefix("n") for name in ImageNetInfo("imagenet-1k").label_names()]


def main(arguments: list[str] | None = None) -> None:
    """Write the table of nouns, and their vectors as `nouns.npy`."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("wordnet", type=Path)
    parser.add_argument("encoder", type=Path)
    parser.add_argument("--nouns", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args(arguments)
    wordnet = WordNet(args.wordnet)
    classes = classifier_senses(wordnet)
    extra = args.nouns.read_text(encoding="utf-8").split("\n") if args.nouns else []
    nouns = chosen_nouns(wordnet, (noun.strip().lower() for noun in extra), classes)
    args.out.mkdir(parents=True, exist_ok=True)
    NounTable(nouns, *covered(wordnet, nouns, classes)).write(args.out)
    np.save(args.out / "nouns.npy", vectors_of(wordnet, nouns, encode(args.encoder, nouns)))


if __name__ == "__main__":
    main()
