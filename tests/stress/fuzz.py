"""Thousands of hostile inputs at every door through which files and texts of strangers come in.

    python -m tests.stress.fuzz [--cases 5000] [--seed 0] [--only coco,queries]

Of each case one of two things may become: it is taken, or refused with a sentence (a WorkbenchError, or a problem that is named). What
else happens is told with the case's seed and ends with status 1: another error, more than 5 seconds of the processor, a process beyond
2 GB, a dead process.
Ends by itself; `--seconds` bounds the whole of it.
"""

import argparse
import csv
import io
import json
import random
import resource
import signal
import sys
import tarfile
import tempfile
import time
import traceback
import zipfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import yaml

from db.enums import Origin
from db.session import transaction
from tests.pictures import encoded, picture
from tests.stores import empty, open_pair_study
from tests.stress.mutations import bytes_like, json_like, text_like
from tests.stress.study_doors import StudyDoors
from workbench import captions, images, importing
from workbench.captions.patterns import replacer
from workbench.errors import WorkbenchError
from workbench.imaging import masks
from workbench.imaging.decoding_process import measure_apart
from workbench.importing.tables import rows_of
from workbench.rating import votes_csv
from workbench.releases.rules import ReleaseRules
from workbench.reviews.rules import apply_rules
from workbench.store import MediaStore
from workbench.studies import design_io
from workbench.yaml_fields import read_text

LONGEST_SECONDS = 5.0
MOST_BYTES = 2 << 30
MASK = masks.encode(picture(1)[..., 0] > 128)
ROW = {
    "file_name": "a.png",
    "captions": [{"text": "a red cup", "level": "complete", "phrases": [{"start": 0, "end": 9, "region": "cup"}]}],
    "regions": [{"name": "cup", "mask": MASK, "origin": "composed"}],
    "license": "CC0", "source": "a kitchen", "tags": ["demo"], "scene_source": ["kitchen"],
    "status": "accepted", "text_origin": "human", "image": "0" * 64,
}  # fmt: skip
COCO = {
    "images": [{"id": 1, "file_name": "a.png", "height": 64, "width": 96, "license": 1}],
    "licenses": [{"id": 1, "name": "CC0"}],
    "categories": [{"id": 1, "name": "cup"}],
    "annotations": [
        {"image_id": 1, "category_id": 1, "segmentation": [[1, 1, 20, 1, 20, 20, 1, 20]], "caption": "a red cup"},
        {"image_id": 1, "category_id": 1, "segmentation": MASK, "phrases": [{"start": 0, "end": 3, "phrase": "cup"}]},
    ],
}
TASK = {
    "data": {"image": "/data/local-files/?d=photos/a.png", "wb_id": "0" * 64},
    "annotations": [
        {
            "result": [
                {"type": "textarea", "value": {"text": ["a red cup"]}, "meta": {"level": "complete"}},
                {
                    "type": "polygonlabels", "original_width": 96, "original_height": 64,
                    "value": {"points": [[1, 1], [20, 1], [20, 20]], "polygonlabels": ["cup (2)"]},
                },
                {
                    "type": "brushlabels", "original_width": 96, "original_height": 64,
                    "value": {"format": "rle", "rle": [0, 0, 96, 0, 7, 35, 127, 0], "brushlabels": ["cup"]},
                },
            ]
        }
    ],
}  # fmt: skip
DESIGN = """name: colors
question: Which colors fit the description better?
method: pair
seed: 3
votes_per_trial: 3
design: {training: 2, gold: true, trap: true, trials_per_rater: 20}
stimuli: {query: "level:complete", between: [checkpoint], seeds: [0], settings: {steps: 4}}
"""
REVIEW_RULES = {"name": "first", "query": "", "rules": [{"verdict": "reject", "when": {"adherence": "< 0.4"}, "reason": "wrong colors"}]}
RELEASE_RULES = {"query": "level:complete", "levels": ["complete"], "shares": {"train": 0.8, "validation": 0.1, "test": 0.1}, "seed": 3}
QUERIES = ('level:complete (color:red OR NOT object:"fire truck") tokens:10-20', "a cup on a table", "id:>3 has:mask -x", "file:a* tag:b")
CSV = 'file_name,caption,level,tags\na.png,"a red cup",complete,"x,y"\nb.png,a cat,,\n'
VOTES = "trial,rater,choice,seconds,rated_at\n0,ada,one,2.5,2026-01-01T00:00:00+00:00\n1,bo,two,,\n2,cy,one,3,2026-01-01\n"
PATTERNS = (r"(\w+) (cup|table)", r"\bred\b", "(?P<c>red|blue)+", "a.*b")
PICTURES = tuple(encoded(picture(2), kind) for kind in ("PNG", "JPEG", "WEBP", "TIFF", "GIF", "BMP"))


class RefusedError(Exception):
    """The input was refused with a sentence."""


class Doors:
    """A store of a few things, and by name what takes one hostile variant of an input of each kind."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.engines, self.media = empty(folder / "workbench.sqlite"), MediaStore(str(folder / "media"))
        with transaction(self.engines.writer) as session:
            self.study_id = open_pair_study(session, self.media).id
        self.studies = StudyDoors(self.engines, self.media, folder)

    def all(self) -> dict[str, Callable[[random.Random], object]]:
        """The doors by their names."""
        return {
            "coco": lambda c: _problems(rows_of("c.json", _json(json_like(c, COCO)), "coco")),
            "jsonl": lambda c: _problems(rows_of("c.jsonl", b"\n".join(_json(json_like(c, ROW)) for _ in range(3)))),
            "list": lambda c: _problems(rows_of("c.json", _json(json_like(c, [ROW, ROW])))),
            "lcad": lambda c: _problems(rows_of("c.json", _json(json_like(c, {"a.png": ["a cup", "a red cup"]})))),
            "tasks": lambda c: _problems(rows_of("c.json", _json(json_like(c, [TASK])), "jsonl")),
            "csv": lambda c: _problems(rows_of("c.csv", text_like(c, CSV).encode("utf-8", "surrogatepass"))),
            "tables of bytes": lambda c: _problems(rows_of("c.json", bytes_like(c, _json(COCO)))),
            "pictures": lambda c: measure_apart(bytes_like(c, c.choice(PICTURES)), seconds=LONGEST_SECONDS),
            "imports": self._import,
            "designs": lambda c: design_io.read(text_like(c, DESIGN)),
            "designs of values": lambda c: design_io.read(_yaml(json_like(c, yaml.safe_load(DESIGN)))),
            "release rules": lambda c: ReleaseRules.read(read_text(_yaml(json_like(c, RELEASE_RULES)), "rules")),
            "review rules": self._review,
            "queries": self._query,
            "expressions": lambda c: replacer(text_like(c, c.choice(PATTERNS)), c.choice((r"\1", "x", r"\0", "\\", "")))(
                "a red cup " * 500
            ),
            "captions": self._caption,
            "votes": self._votes,
            **self.studies.all(),
        }

    def _import(self, chance: random.Random) -> None:
        with tempfile.TemporaryDirectory(dir=self.folder) as name:
            folder = Path(name)
            (folder / "a.png").write_bytes(PICTURES[0])
            (folder / "b.jpg").write_bytes(bytes_like(chance, PICTURES[1]))
            (folder / "b.txt").write_bytes(bytes_like(chance, b"a cat\na gray cat\n"))
            (folder / "metadata.jsonl").write_bytes(_json(json_like(chance, ROW)))
            packed = io.BytesIO()
            kind = chance.choice(("zip", "tar"))
            if kind == "zip":
                with zipfile.ZipFile(packed, "w") as archive:
                    archive.writestr(chance.choice(("c.png", "../c.png", "é.png", "/c.png", "a/\x01.png")), PICTURES[2])
            else:
                with tarfile.open(fileobj=packed, mode="w:gz") as archive:
                    archive.add(folder / "a.png", chance.choice(("c.png", "../c.png", "/c.png")))
            (folder / f"more.{'zip' if kind == 'zip' else 'tar.gz'}").write_bytes(bytes_like(chance, packed.getvalue()))
            prepared = importing.prepare(importing.scan([folder]), self.media)
            with transaction(self.engines.writer) as session:
                near = importing.likenesses(images.near_index(session), prepared)
                taken = importing.store(session, prepared, source="fuzz", near=near, author="fuzz")
            if not taken.image_ids:
                raise AssertionError(f"a good picture was spoiled by what lies beside it: {taken.failures}")

    def _review(self, chance: random.Random) -> None:
        rules = read_text(_yaml(json_like(chance, REVIEW_RULES)), "rules")
        with transaction(self.engines.writer) as session:
            apply_rules(session, rules, actor="fuzz", apply=chance.random() < 0.3)

    def _query(self, chance: random.Random) -> None:
        query = text_like(chance, chance.choice(QUERIES))
        with transaction(self.engines.reader) as session:
            images.find(session, query)
            images.count(session, query)
            captions.find(session, query)

    def _expression(self, chance: random.Random) -> None:
        replaced = replacer(text_like(chance, chance.choice(PATTERNS)), chance.choice((r"\1", "x", r"\0", "\\", "")))
        replaced("a red cup " * 500)

    def _caption(self, chance: random.Random) -> None:
        with transaction(self.engines.writer) as session:
            captions.add(session, 1, text_like(chance, "a red cup on a brown table"), text_origin=Origin.HUMAN, author="fuzz")

    def _votes(self, chance: random.Random) -> None:
        with transaction(self.engines.writer) as session:
            try:
                rows = list(csv.DictReader(io.StringIO(text_like(chance, VOTES), newline="")))
            except csv.Error:
                raise RefusedError from None
            done = votes_csv.import_rows(session, self.study_id, rows, actor="fuzz")
        if done.refused:
            raise RefusedError


def _json(value: object) -> bytes:
    return json.dumps(value).encode()


def _yaml(value: object) -> str:
    return yaml.safe_dump(value, allow_unicode=True)


def _problems(rows) -> None:
    if any(notes.problems for _name, notes in rows):
        raise RefusedError


def _too_long(_number, _frame) -> None:
    raise TimeoutError(f"more than {LONGEST_SECONDS} s of the processor")


def _peak_bytes() -> int:
    """The largest memory of this process and of the children that have ended."""
    return 1024 * max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))


def main() -> int:
    """Try the cases; status 1 where one of them broke something."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", type=int, default=5000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", default="")
    parser.add_argument("--seconds", type=float, default=3600.0)
    options = parser.parse_args()
    signal.signal(signal.SIGPROF, _too_long)
    began, counts, broken, slowest = time.monotonic(), Counter(), [], (0.0, "")
    with tempfile.TemporaryDirectory(prefix="fuzz-") as name:
        doors = Doors(Path(name)).all()
        chosen = [door for door in doors if not options.only or door in options.only.split(",")]
        for number in range(options.cases):
            if time.monotonic() - began > options.seconds:
                print(f"stopped after {number} cases: {options.seconds:g} s are over")  # noqa: T201
                break
            door = chosen[number % len(chosen)]
            chance, start = random.Random(f"{options.seed}:{number}"), time.process_time()
            signal.setitimer(signal.ITIMER_PROF, LONGEST_SECONDS)
            try:
                doors[door](chance)
                counts[door, "taken"] += 1
            except (WorkbenchError, RefusedError):
                counts[door, "refused"] += 1
            except Exception:
                counts[door, "broken"] += 1
                broken.append(f"case {number} of seed {options.seed} ({door}):\n{traceback.format_exc(limit=-4)}")
            finally:
                signal.setitimer(signal.ITIMER_PROF, 0)
            slowest = max(slowest, (time.process_time() - start, f"case {number} ({door})"))
    for door in chosen:
        print(f"{door:20} " + "  ".join(f"{word} {counts[door, word]:5}" for word in ("taken", "refused", "broken")))  # noqa: T201
    peak = _peak_bytes()
    print(f"{sum(counts.values()):,} cases in {time.monotonic() - began:.0f} s; slowest {slowest[0]:.2f} s of processor time, {slowest[1]}")  # noqa: T201
    print(f"largest process {peak / (1 << 20):,.0f} MB")  # noqa: T201
    print("\n".join(broken[:20]))  # noqa: T201
    return int(bool(broken) or slowest[0] > LONGEST_SECONDS or peak > MOST_BYTES)


if __name__ == "__main__":
    sys.exit(main())
