"""Import of a file of captions with generated placeholder pictures, and its way out and back: `bench_caption_files.py CAPTIONS.json`.

The file is `{file: [captions]}`, as the L-CAD paper's captions_val.json. Without one, captions are made up. A placeholder is a small
picture of random colors, so that no two are alike.
"""

import argparse
import io
import json
import random
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import PIL.Image

from db.session import transaction
from pipelines.worker.engine import execute
from pipelines.worker.job import JobContext
from workbench import captions, runs
from workbench.captions import Edit, bulk_edit
from workbench.exports import caption_files
from workbench.open_store import Store, open_store
from workbench.settings import read_settings
from workbench.store import events

NOUNS = ("cup", "table", "dog", "cat", "bus", "tree", "wall", "car", "shirt", "plate", "horse", "boat", "kite", "lamp", "sofa", "bench")
COLORS = ("red", "green", "blue", "yellow", "brown", "black", "white", "gray", "orange", "pink", "purple", "teal", "navy", "maroon")
SIDE = 64


def made_up(images: int, captions_each: float, seed: int = 0) -> dict[str, list[str]]:
    """Captions of one to four objects, some with colors."""
    choose = random.Random(seed)
    facts: dict[str, list[str]] = {}
    for number in range(images):
        count = int(captions_each) + (choose.random() < captions_each % 1)
        facts[f"{number:012}.jpg"] = list(dict.fromkeys(_sentence(choose) for _ in range(count)))
    return facts


def _sentence(choose: random.Random) -> str:
    things = choose.sample(NOUNS, choose.randint(1, 4))
    return " next to ".join(f"a {choose.choice([*COLORS, 'large'])} {noun}" for noun in things)


def placeholders(folder: Path, names: list[str], seed: int = 0) -> None:
    """A picture for each name: 8 × 8 random colors, enlarged; JPEG or PNG by its suffix."""
    generator = np.random.default_rng(seed)
    for name in names:
        pixels = generator.integers(0, 255, (8, 8, 3), np.uint8)
        picture = PIL.Image.fromarray(pixels).resize((SIDE, SIDE), PIL.Image.Resampling.BICUBIC)
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        encoded = io.BytesIO()
        picture.save(encoded, "PNG" if target.suffix.lower() == ".png" else "JPEG", quality=90)
        target.write_bytes(encoded.getvalue())


def carried_out(store: Store, job: str, **parameters) -> dict:
    """A job carried out in this process; its summary."""
    with store.writing() as session:
        run = runs.create(session, job, parameters, requested_by="bench")
        runs.start(session, run.id)
    execute(JobContext(store, run.id, run.job, run.parameters, run.requested_by))
    with store.reading() as session:
        return runs.get(session, run.id).summary


@contextmanager
def timed(into: dict[str, tuple[float, float]], name: str):
    """Seconds on the clock and of the processor that a block takes."""
    clock, processor = time.perf_counter(), time.process_time()
    yield
    into[name] = (round(time.perf_counter() - clock, 2), round(time.process_time() - processor, 2))


def texts_of(session, query: str = "") -> list[tuple[str, str]]:
    """All captions as (file name, text), in order."""
    return sorted((row.file_name, row.caption) for row in caption_files.rows(session, query))


def measure(described: dict[str, list[str]], folder: Path) -> dict:
    """Pictures, import, first rows, export, and the way back into a second store with the same pictures."""
    seconds: dict[str, tuple[float, float]] = {}
    table = folder / "captions.json"
    table.write_text(json.dumps(described, ensure_ascii=False))
    with timed(seconds, "placeholder pictures"):
        placeholders(folder / "pictures", list(described))
    store = open_store(read_settings(folder / "home"))
    parameters = {"paths": [str(folder / "pictures")], "format": "auto", "source": "val"}
    with timed(seconds, "import with thumbnails"):
        summary = carried_out(store, "import_images", **parameters, captions=str(table))
    with timed(seconds, "counts and first 30 rows"), store.reading() as session:
        counts = captions.counts_by_level(session)
        first = [(row.id, row.image_id, row.level.value, row.text) for row in captions.find(session, limit=30)]
    lossless = {}
    with store.reading() as session:
        before = texts_of(session)
        for format, name in (("lcad", "out.json"), ("jsonl", "out.jsonl"), ("csv", "out.csv"), ("coco", "coco.json")):  # noqa: A001
            with timed(seconds, f"export as {format}"):
                caption_files.write(session, folder / name, format=format)
    with store.writing() as session:
        edit = Edit("replace", pattern="a ", replacement="one ")
        with timed(seconds, "bulk replacement shown"):
            bulk_edit.preview(session, edit)
        with timed(seconds, "bulk replacement done"):
            batch, _ = bulk_edit.apply(session, edit, actor="bench")
        with timed(seconds, "bulk replacement taken back"):
            taken_back = events.rollback(session, batch, actor="bench")
    with store.reading() as session:
        lossless["taken back"] = texts_of(session) == before
    with timed(seconds, "pictures alone into a second store"):
        other = open_store(read_settings(folder / "second"))
        carried_out(other, "import_images", **parameters, captions=None)
    for format, name in (("lcad", "out.json"), ("jsonl", "out.jsonl")):  # noqa: A001
        with timed(seconds, f"captions back from {format}"):
            carried_out(other, "import_captions", file=str(folder / name), format=format)
        with transaction(other.engines.reader) as session:
            lossless[format] = texts_of(session) == before == sorted((file, text) for file, own in described.items() for text in set(own))
    return {"summary": summary, "counts": counts, "first": first, "lossless": lossless, "replaced": taken_back, "seconds": seconds}


def main() -> None:
    """Measure, and print what was found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("captions", nargs="?", type=Path, help="{file: [captions]}; by default 300 made up images")
    parser.add_argument("--json", action="store_true", help="end with one line of JSON")
    options = parser.parse_args()
    described = json.loads(options.captions.read_text()) if options.captions else made_up(300, 1.8)
    with tempfile.TemporaryDirectory() as folder:
        facts = measure(described, Path(folder))
    for row in facts["first"]:
        print(*row, sep="\t")  # noqa: T201
    print({level.value: number for level, number in facts["counts"].items()}, facts["summary"])  # noqa: T201
    for name, (clock, processor) in facts["seconds"].items():
        print(f"{name:36} {clock:8.2f} s on the clock, {processor:8.2f} s of the processor")  # noqa: T201
    print(facts["replaced"], "captions replaced and taken back; byte for byte:", facts["lossless"])  # noqa: T201
    if options.json:
        print(json.dumps(facts))  # noqa: T201


if __name__ == "__main__":
    main()
