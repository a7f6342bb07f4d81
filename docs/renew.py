"""Renew what the documents quote: `python docs/renew.py [--check] [FILE…]`, all documents by default (`make docs`).

Three kinds of parts are renewed, everything else is left as it is:

    <!-- rooms PACKAGE -->  …  <!-- end -->      a line for each room of a package: the first sentence of its docstring
    <!-- floors PACKAGE --> …  <!-- end -->      the drawing of the rooms of a package, made from its imports
    <!-- run -->  and a fenced block             each line `$ COMMAND` of the block is run, what it prints replaces what stands under it

All `run` blocks of a document share one folder, in order. It begins with `photos/` and `captions.json` (photos of installed packages)
and an empty store, with a worker where a command waits for one; fenced blocks whose first line is `# NAME.yaml` are written into it as
files. With --check nothing is written: exit status 1 and the names of the documents that would change, numbers of seconds, tokens and
batches left aside.
"""

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from importlib.resources import files
from pathlib import Path

import PIL.Image

ROOT = Path(__file__).parents[1]
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
PART = re.compile(r"(<!-- (rooms|floors) (\S+) -->\n)(.*?)(<!-- end -->)", re.S)
BLOCK = re.compile(r"(<!-- run -->\n```\w*\n)(.*?)(```)", re.S)
FILE = re.compile(r"```yaml\n# (\S+\.yaml)\n(.*?)```", re.S)
VOLATILE = re.compile(r"[0-9a-f]{32}|rater-[0-9a-f]{10}|\b[\w-]{32}\b|\d+(\.\d+)? ?(s|seconds|ms)\b")
PHOTOS = {"cat.jpg": "chelsea.png", "cup.jpg": "coffee.png", "rocket.jpg": "rocket.jpg", "astronaut.jpg": "astronaut.png"}
CAPTIONS = {
    "cat.jpg": ["an orange cat with green eyes"],
    "cup.jpg": ["a white cup on a brown table"],
    "rocket.jpg": ["a white rocket in front of a blue sky"],
    "astronaut.jpg": ["a woman in an orange suit beside a black rocket"],
}


def renewed(document: Path) -> str:
    """The text of a document with all its parts made anew."""
    text = PART.sub(lambda part: part[1] + {"rooms": rooms, "floors": floors}[part[2]](part[3]) + part[5], document.read_text("utf-8"))
    if "<!-- run -->" not in text:
        return text
    with tempfile.TemporaryDirectory() as folder:
        stage(Path(folder))
        for name, content in FILE.findall(text):
            Path(folder, name).write_text(content, "utf-8")
        with worker(Path(folder)) if " --wait" in text else nullcontext():
            return BLOCK.sub(lambda block: block[1] + run(block[2], Path(folder)) + block[3], text)


def rooms(package: str) -> str:
    """A Markdown list of a package's rooms and modules, each with the first sentence of its docstring."""
    folder = ROOT / package.replace(".", "/")
    inner = [path.parent for path in sorted(folder.glob("*/__init__.py"))]
    flat = [path for path in sorted(folder.glob("*.py")) if path.stem not in ("__init__", "__main__")]
    told = [f"- `{path.name}/` {_sentence(path / '__init__.py')}" for path in inner]
    return "\n".join([*told, *(f"- `{path.name}` {_sentence(path)}" for path in flat)]) + "\n"


def _sentence(path: Path) -> str:
    docstring = re.match(r'"""(.*?)(?:\n\n|""")', path.read_text("utf-8"), re.S)
    if docstring is None:
        raise SystemExit(f"{path.relative_to(ROOT)} has no docstring that says what it is for.")
    return " ".join(docstring[1].split())


def floors(package: str) -> str:
    """A Mermaid drawing of the rooms of a package; arrows go from a room to the rooms that it imports, those implied by others left out."""
    import grimp

    graph = grimp.build_graph(package.split(".")[0])
    children = sorted(graph.find_children(package))
    imports: dict[str, set[str]] = defaultdict(set)
    for child in children:
        for module in {child, *graph.find_descendants(child)}:
            for imported in graph.find_modules_directly_imported_by(module):
                room = next((one for one in children if imported == one or imported.startswith(f"{one}.")), child)
                if room != child:
                    imports[child].add(room)
    lines = ["```mermaid", "flowchart TD"]
    for room in children:
        implied = {further for near in imports[room] for further in _reached(near, imports)}
        lines += [f"    {_name(room)} --> {_name(other)}" for other in sorted(imports[room] - implied)]
    return "\n".join([*lines, "```"]) + "\n"


def _reached(room: str, imports: dict[str, set[str]]) -> Iterator[str]:
    for other in imports[room]:
        yield other
        yield from _reached(other, imports)


def _name(room: str) -> str:
    return room.rpartition(".")[2]


def stage(folder: Path) -> None:
    """Photos with captions, as somebody has them who begins; the photos come from the installed scikit-image."""
    (folder / "photos").mkdir()
    for name, original in PHOTOS.items():
        with files("skimage").joinpath("data", original).open("rb") as file, PIL.Image.open(file) as photo:
            photo.convert("RGB").save(folder / "photos" / name, quality=92)
    (folder / "captions.json").write_text(json.dumps(CAPTIONS), "utf-8")


@contextmanager
def worker(folder: Path) -> Iterator[None]:
    """A worker of the folder's store, for commands that wait for their run."""
    beside = subprocess.Popen(
        ["workbench", "work"], cwd=folder, env=_environment(folder), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        yield
    finally:
        beside.terminate()
        beside.wait(60)


def run(block: str, folder: Path) -> str:
    """A block with each of its commands carried out in a folder, and what they print in the place of what stood there."""
    commands = [line for line in block.splitlines() if line.startswith("$ ")]
    return "".join(f"{command}\n{_printed(command[2:], folder)}" for command in commands)


def _printed(command: str, folder: Path) -> str:
    done = subprocess.run(command, shell=True, cwd=folder, env=_environment(folder), capture_output=True, text=True, timeout=3600)
    said = "".join(line.rstrip() + "\n" for line in (done.stdout + done.stderr).splitlines())
    return said.replace(str(folder), ".")


def _environment(folder: Path) -> dict[str, str]:
    place = {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}", "WORKBENCH_HOME": str(folder / "workbench-data")}
    return os.environ | place | {"COLUMNS": "140", "NO_COLOR": "1", "TERM": "dumb", "PYTHONPATH": str(ROOT)}


def main() -> None:
    """Renew documents, or with --check say which are stale."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="write nothing; exit status 1 where a document is stale")
    parser.add_argument("files", nargs="*", type=Path)
    options = parser.parse_args()
    stale = []
    for document in options.files or DOCUMENTS:
        before, after = document.read_text("utf-8"), renewed(document)
        if VOLATILE.sub("…", before) != VOLATILE.sub("…", after):
            stale.append(document)
            if not options.check:
                document.write_text(after, "utf-8")
    for document in stale:
        print(f"{document} {'is stale; `make docs` renews it' if options.check else 'renewed'}")  # noqa: T201  (a command)
    raise SystemExit(1 if options.check and stale else 0)


if __name__ == "__main__":
    main()
