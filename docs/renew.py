"""Renew what the documents quote: `python docs/renew.py [--check] [FILE…]`, all documents by default (`make docs`).

Nine kinds of parts are renewed, everything else is left as it is:

    <!-- rooms PACKAGE -->  …  <!-- end -->      a line for each room of a package: the first sentence of its docstring
    <!-- floors PACKAGE --> …  <!-- end -->      the drawing of the rooms of a package, made from its imports
    <!-- reference CLASS --> … <!-- end -->      the public methods of a class with their docstrings, and its attributes
    <!-- columns TABLES --> … <!-- end -->       the columns of the tables in a dictionary
    <!-- jobs JOBS --> … <!-- end -->            the jobs in a dictionary, what each does, and its settings
    <!-- guide SECTIONS --> … <!-- end -->      what each page of the app is for and how it works, as the pages themselves tell it
    <!-- commands NAMES --> … <!-- end -->       commands (names separated by commas) with their arguments and options
    <!-- errors PACKAGES --> … <!-- end -->      the sentences that a person may be told, by the room that says them
    <!-- run -->  and a fenced block             each line `$ COMMAND` of the block is run, what it prints replaces what stands under it

A notebook is run from the first cell to the last, and keeps what its cells gave.

All `run` blocks of a document share one folder, in order. It begins with `photos/` and `captions.json` (photos of installed packages)
and an empty store, with a worker where a command waits for one; fenced blocks whose first line is `# NAME.yaml`, and those after
`<!-- file NAME -->`, are written into it as files. With --check nothing is written: exit status 1 and the names of the documents that
would change, numbers of seconds, dates, tokens and batches left aside.
"""

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from importlib.resources import files
from pathlib import Path

import parts_of_code
import parts_of_commands
import parts_of_errors
import PIL.Image

ROOT = Path(__file__).parents[1]
DOCUMENTS = [
    ROOT / "README.md",
    *sorted((ROOT / "docs").glob("*.md")),
    *sorted((ROOT / "docs/tutorials").glob("*.md")),
    *sorted((ROOT / "docs/notebooks").glob("*.ipynb")),
]
MAKERS = {
    "rooms": parts_of_code.rooms,
    "floors": parts_of_code.floors,
    "reference": parts_of_code.reference,
    "columns": parts_of_code.columns,
    "jobs": parts_of_code.jobs,
    "guide": parts_of_code.guide,
    "commands": parts_of_commands.commands,
    "errors": parts_of_errors.errors,
}
PART = re.compile(rf"(<!-- ({'|'.join(MAKERS)}) (\S+) -->\n)(.*?)(<!-- end -->)", re.S)
BLOCK = re.compile(r"(<!-- run -->\n```\w*\n)(.*?)(```)", re.S)
FILE = re.compile(r"```yaml\n# (\S+\.yaml)\n(.*?)```|<!-- file (\S+) -->\n```\w*\n(.*?)```", re.S)
VOLATILE = re.compile(r"[0-9a-f]{32}|(?:rater|simulated)-[0-9a-f]{10}|\b[\w-]{32}\b|\d+(\.\d+)? ?(s|seconds|ms)\b|\b20\d\d-\d\d-\d\d\b")
PHOTOS = {"cat.jpg": "chelsea.png", "cup.jpg": "coffee.png", "rocket.jpg": "rocket.jpg", "astronaut.jpg": "astronaut.png"}
CAPTIONS = {
    "cat.jpg": ["an orange cat with green eyes"],
    "cup.jpg": ["a white cup on a brown table"],
    "rocket.jpg": ["a white rocket in front of a blue sky"],
    "astronaut.jpg": ["a woman in an orange suit beside a black rocket"],
}


def renewed(document: Path) -> str:
    """The text of a document with all its parts made anew."""
    if document.suffix == ".ipynb":
        return run_notebook(document)
    text = PART.sub(lambda part: part[1] + MAKERS[part[2]](part[3]) + part[5], document.read_text("utf-8"))
    if "<!-- run -->" not in text:
        return text
    with tempfile.TemporaryDirectory() as folder:
        stage(Path(folder))
        for file in FILE.finditer(text):
            Path(folder, file[1] or file[3]).write_text(file[2] or file[4], "utf-8")
        with worker(Path(folder)) if " --wait" in text else nullcontext():
            return BLOCK.sub(lambda block: block[1] + run(block[2], Path(folder)) + block[3], text)


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
        try:
            beside.wait(300)
        except subprocess.TimeoutExpired:  # its store goes with the folder
            beside.kill()
            beside.wait()


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
    return os.environ | place | {"WORKBENCH_ACTOR": "ada", "COLUMNS": "140", "NO_COLOR": "1", "TERM": "dumb", "PYTHONPATH": str(ROOT)}


def run_notebook(path: Path) -> str:
    """A notebook after a run of all its cells in a folder of its own; when and for how long each ran is not kept."""
    import nbformat
    from nbclient import NotebookClient

    notebook = nbformat.read(path, as_version=4)
    with tempfile.TemporaryDirectory() as folder:
        os.environ.update(_environment(Path(folder)) | {"TMPDIR": folder})
        NotebookClient(notebook, timeout=3600, record_timing=False, resources={"metadata": {"path": folder}}).execute()
    notebook.metadata.pop("widgets", None)
    for cell in notebook.cells:
        if cell.cell_type == "code":  # bars of progress and warnings of a machine are not a reader's business
            cell.outputs = [output for output in cell.outputs if output.get("name") != "stderr"]
    return nbformat.writes(notebook).replace(folder, "/tmp") + "\n"


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
