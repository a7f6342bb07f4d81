"""Photos that training held out, written as `real_photos.py` reads them: masks of clothes by people, of things and grounds by machines.

    python -m tests.benchmarks.labeled_photos PHOTOS OUT [--things things.jsonl] [--photos 100] [--seed 1] [--without FILE …]
                                              [--least-color 0]

PHOTOS is a collection as `pipelines.pretraining.photo_sources` reads it; --things are masks of boxes by
`pipelines.pretraining.teacher_masks`. A third of the photos have clothes that people outlined. Each caption names one to three parts that
stand clear of each other, by their first nouns, in sentences of this module's own; a part's true color is the name of its median. Photos
whose mean ΔE00 from their own gray is under --least-color are passed over: where there is little color, little can be won. OUT gets
photos/, set.jsonl and sheet-N.webp, on which the masks can be judged before anything is colored. Machines err: a FILE has lines `photo` or
`photo noun` for what is left out, others taking its place; by default it is the list of what was wrong to the eye at `--seed 20261201`.
"""

import argparse
import json
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
import PIL.Image
from skimage.color import deltaE_ciede2000

from lcad.imaging import image_to_lab
from pipelines.composing.captions import article
from pipelines.composing.photo_parts import labeled_photo
from pipelines.composing.photo_words import has_plural_form, is_uncounted, kind_of, nouns_of, words
from pipelines.pretraining.photo_sources import PhotoSources, read_sources
from pipelines.pretraining.teacher_masks import counts_of
from workbench.imaging.color_names import name_of_color

MOST, LEAST_AREA, MOST_AREA = 3, 0.015, 0.6  # parts of a photo; their areas as parts of it
MOST_GROUNDS, IN_ONE = 1, 0.85  # of a photo's parts; the part of a ground's mask that must hang together
SURE_GROUNDS = ("sky", "grass", "water", "sea", "road", "bed", "sofa", "armchair", "rug", "curtain")  # that machines seldom mistake
SEEN_THROUGH = ("glasses", "sunglasses", "ring", "watch", "belt", "hair", "tights", "stockings", "socks")
CLOTHED, CLOTHES = 1 / 3, "ccp"  # of the photos; the source of which some photos lack their clothes' masks
SAME = (("sofa", "couch", "bed", "chair", "armchair"), ("water", "sea"))
LabeledRow = tuple[dict, np.ndarray, list[np.ndarray]]
"""A row of the set, its photo (H, W, 3) uint8, and the masks (H, W) bool of its parts."""
PAGE, ACROSS, TILE = 20, 5, 288
LEFT_OUT = Path(__file__).with_name("labeled_photos_left_out.txt")


def main() -> int:
    """Write the photos, the set and the sheets."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("collection", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--things", type=Path)
    parser.add_argument("--photos", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--without", type=Path, nargs="+", metavar="FILE", default=[LEFT_OUT])
    parser.add_argument("--least-color", type=float, default=0.0, metavar="ΔE00")
    options = parser.parse_args()
    if options.out.is_dir() and any(options.out.iterdir()) and not (options.out / "set.jsonl").is_file():
        parser.error(f"{options.out} holds something else: name a folder that is new, or that this command has written")
    lines = [line for file in options.without for line in file.read_text(encoding="utf-8").splitlines() if line]
    left_out = {tuple(line.split(maxsplit=1)) for line in lines}
    sources = read_sources(options.collection, options.things)
    shutil.rmtree(options.out, ignore_errors=True)
    (options.out / "photos").mkdir(parents=True)
    chosen = _chosen(sources, options.photos, options.seed, left_out, options.least_color)
    for row, rgb, _ in chosen:
        PIL.Image.fromarray(rgb).save(options.out / "photos" / row["file"])
    (options.out / "set.jsonl").write_text("".join(json.dumps(row) + "\n" for row, _, _ in chosen), encoding="utf-8")
    for page in range(0, len(chosen), PAGE):
        _sheet([_outlined(*one) for one in chosen[page : page + PAGE]]).save(options.out / f"sheet-{page // PAGE}.webp", quality=80)
    sys.stdout.write(f"{len(chosen)} photos, {sum(len(row['things']) for row, _, _ in chosen)} parts\n")
    return 0


def _chosen(sources: PhotoSources, count: int, seed: int, left_out: set[tuple[str, ...]], least_color: float) -> list[LabeledRow]:
    """Rows of the set with photo and masks: the first of a random order that have parts to name.

    A third have clothes, or fewer where there are no more such photos.
    """
    order = np.random.default_rng(seed).permutation(sources.held_out).tolist()
    order = [name for name in order if not least_color or colors_lost(sources.root / name) >= least_color]
    clothed = round(count * CLOTHED)
    room = {True: clothed, False: count - clothed}
    found: dict[str, LabeledRow] = {}

    def fill() -> None:
        for name in order:
            stem = Path(name).stem
            has_clothes = any(kind_of(mask.label) == "garment" for mask in sources.labels[name])
            if name in found or not room[has_clothes] or (stem,) in left_out or (stem.startswith(CLOTHES) and not has_clothes):
                continue
            nouns = {rest[0] for first, *rest in left_out if first == stem and rest}
            one = _row(sources, name, np.random.default_rng([seed, *stem.encode()]), nouns)
            if one is not None:
                found[name] = one
                room[has_clothes] -= 1

    fill()
    room = {True: 0, False: room[True]}
    fill()
    return list(found.values())


def colors_lost(photo: Path) -> float:
    """The mean ΔE00 of a photo from its own gray."""
    with PIL.Image.open(photo) as image:
        lab = image_to_lab(np.asarray(image.convert("RGB")))
    return float(deltaE_ciede2000(lab * (1, 0, 0), lab).mean())


def _row(sources: PhotoSources, name: str, rng: np.random.Generator, left_out: set[str]) -> LabeledRow | None:
    photo = labeled_photo(sources.root / name, sources.labels[name])
    if photo is None:
        return None
    parts: list[tuple[str, np.ndarray]] = []
    for n in sorted(rng.permutation(len(photo.labels)).tolist(), key=lambda n: kind_of(photo.labels[n]) == "ground"):
        label, mask = photo.labels[n], photo.masks[n] >= 0.5
        if photo.labels.count(label) > 1 or nouns_of(label)[0] in left_out or not _is_clear(label, mask):
            continue
        kin = next((group for group in SAME if label in group), (label,))
        behind = sum(kind_of(other) == "ground" for other, _ in parts)
        if len(parts) < MOST and not any(other in kin for other, _ in parts) and (kind_of(label) != "ground" or behind < MOST_GROUNDS):
            parts.append((label, mask))
    if not parts:
        return None
    parts.sort(key=lambda part: ("garment", "thing", "ground").index(kind_of(part[0])))
    phrases = [_phrase(label, n) for n, (label, _) in enumerate(parts)]
    template = _sentence([label for label, _ in parts], phrases)
    colors = [_color(photo.rgb, mask) for _, mask in parts]
    scarce = _sentence([label for label, _ in parts], [_phrase(label, None) for label, _ in parts])
    things = [
        {"phrase_template": phrase, "noun": nouns_of(label)[0], "true_color": color, "counts": counts_of(mask)}
        for (label, mask), phrase, color in zip(parts, phrases, colors, strict=True)
    ]
    row = {"file": f"{Path(name).stem}.png", "size": list(photo.rgb.shape[:2]), "template": template, "scarce": scarce}
    return row | {"true": template.format(*colors), "things": things}, photo.rgb, [mask for _, mask in parts]


def _is_clear(label: str, mask: np.ndarray) -> bool:
    """Whether a part can be named and seen: neither tiny nor nearly everything, and of a ground mostly in one piece."""
    if label in SEEN_THROUGH or not LEAST_AREA <= mask.mean() <= MOST_AREA:
        return False
    if kind_of(label) != "ground":
        return True
    _, _, stats, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8))
    return label in SURE_GROUNDS and stats[1:, cv2.CC_STAT_AREA].max() >= IN_ONE * mask.sum()


def _phrase(label: str, number: int | None) -> str:
    """What a part is called, with the place of its color, or without a color."""
    noun = nouns_of(label)[0]
    if number is None:
        return noun if has_plural_form(noun) or is_uncounted(noun) else article(noun)
    return f"{{{number}}} {noun}" if has_plural_form(noun) or is_uncounted(noun) else f"a {{{number}}} {noun}"


def _sentence(labels: Sequence[str], phrases: Sequence[str]) -> str:
    """Clothes on somebody, things side by side, grounds behind the prepositions that lead to them."""
    of = {kind: [phrase for label, phrase in zip(labels, phrases, strict=True) if kind_of(label) == kind] for kind in ("garment", "thing")}
    said = [f"someone in {' and '.join(of['garment'])}"] if of["garment"] else []
    said += [" and ".join(of["thing"])] if of["thing"] else []
    text = " with ".join(said) or "a photo taken"
    for label, phrase in zip(labels, phrases, strict=True):
        if kind_of(label) == "ground":
            text += f" {words()['grounds'][label]['prepositions'][0]} {phrase}"
    return text


def _color(rgb: np.ndarray, mask: np.ndarray) -> str:
    return name_of_color(np.median(image_to_lab(rgb)[mask], 0).tolist())


def _outlined(row: dict, rgb: np.ndarray, masks: Sequence[np.ndarray]) -> np.ndarray:
    """The photo with its masks tinted and outlined, and what they are called (TILE + 40, TILE, 3)."""
    tinted = rgb.astype(np.float32)
    for n, mask in enumerate(masks):
        tint = np.eye(3, dtype=np.float32)[n] * 255
        tinted[mask] = 0.65 * tinted[mask] + 0.35 * tint
        edge = mask ^ cv2.erode(mask.astype(np.uint8), np.ones((3, 3), np.uint8)).astype(bool)
        tinted[edge] = tint
    scale = TILE / max(rgb.shape[:2])
    small = cv2.resize(tinted.astype(np.uint8), None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)[:TILE, :TILE]
    tile = np.full((TILE + 40, TILE, 3), 255, np.uint8)
    tile[: small.shape[0], : small.shape[1]] = small
    cv2.putText(tile, row["file"][:-4], (3, TILE + 14), cv2.FONT_HERSHEY_SIMPLEX, 0.4, (0, 0, 0), 1, cv2.LINE_AA)
    for n, thing in enumerate(row["things"]):
        color = tuple(int(v) for v in np.eye(3)[n] * 200)
        cv2.putText(tile, thing["noun"][:12], (3 + n * 95, TILE + 32), cv2.FONT_HERSHEY_SIMPLEX, 0.42, color, 1, cv2.LINE_AA)
    return tile


def _sheet(tiles: list[np.ndarray]) -> PIL.Image.Image:
    blank = np.full_like(tiles[0], 255)
    rows = [tiles[i : i + ACROSS] for i in range(0, len(tiles), ACROSS)]
    return PIL.Image.fromarray(np.concatenate([np.concatenate(row + [blank] * (ACROSS - len(row)), 1) for row in rows]))


if __name__ == "__main__":
    raise SystemExit(main())
