"""Parts of the documents that are made from the code: its rooms, their drawing, classes and functions, tables, jobs."""

import dataclasses
import importlib
import inspect
import re
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]


def rooms(package: str) -> str:
    """A Markdown list of a package's rooms and modules, each with the first sentence of its docstring."""
    folder = ROOT / package.replace(".", "/")
    inner = [path.parent for path in sorted(folder.glob("*/__init__.py"))]
    flat = [path for path in sorted(folder.glob("*.py")) if path.stem not in ("__init__", "__main__")]
    told = [f"- `{path.name}/` {first_sentence(path / '__init__.py')}" for path in inner]
    return "\n".join([*told, *(f"- `{path.name}` {first_sentence(path)}" for path in flat)]) + "\n"


def first_sentence(path: Path) -> str:
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


def named(place: str) -> Any:
    """What a dotted name means: `package.module.Name`."""
    module, _, name = place.rpartition(".")
    sys.path.insert(0, str(ROOT))
    return getattr(importlib.import_module(module), name)


def reference(place: str) -> str:
    """A class in Markdown: its docstring, then each public method and property, in their order; or a function with its signature."""
    described = named(place)
    if inspect.isfunction(described):
        return f"`{place}{_signature(described)}`\n\n{inspect.getdoc(described)}\n"
    parts = [f"{inspect.getdoc(described)}\n"]
    if dataclasses.is_dataclass(described):
        told = (f"`{field.name}` {_short(field.type)}" for field in dataclasses.fields(described))
        parts.append(f"Fields: {', '.join(told)}.\n")
    for name, member in vars(described).items():
        if name.startswith("_"):
            continue
        if isinstance(member, property):
            parts.append(f"### `{name}`\n\n{inspect.getdoc(member)}\n")
        elif isinstance(member, classmethod | staticmethod) or inspect.isfunction(member):
            parts.append(f"### `{name}{_signature(getattr(described, name))}`\n\n{inspect.getdoc(member)}\n")
    return "\n".join(parts)


def _signature(function: Callable) -> inspect.Signature:
    signature = inspect.signature(function)
    own = [one.replace(annotation=_short(one.annotation)) for one in signature.parameters.values() if one.name != "self"]
    return signature.replace(parameters=own, return_annotation=_short(signature.return_annotation))


def _short(annotation: Any) -> Any:
    """An annotation as it reads best: without the modules of its names."""
    if annotation is inspect.Parameter.empty:
        return annotation
    told = annotation if isinstance(annotation, str) else inspect.formatannotation(annotation)
    told = re.sub(r"numpy\.ndarray\[.*\]", "ndarray", told)
    return _Bare(re.sub(r"\b(?:[a-z_]+\.)+(?=[A-Z])|\b(?:workbench|collections|pathlib|typing)(?:\.[a-z_]+)*\.", "", told))


class _Bare(str):
    """A text whose representation is itself."""

    def __repr__(self) -> str:
        return str(self)


def columns(place: str) -> str:
    """A table of Markdown for each table: column, type in pandas, meaning."""
    parts = []
    for table in named(place).values():
        asked = f"; asked for by {table.query}" if table.query else ""
        rows = [f"| `{one.name}` | {one.dtype} | {one.meaning}{' (may be missing)' if one.optional else ''} |" for one in table.columns]
        parts.append(
            "\n".join([f"### {table.name}\n", f"A row is {table.row}{asked}.\n", "| column | type | |", "|---|---|---|", *rows, ""])
        )
    return "\n".join(parts)


def jobs(place: str) -> str:
    """A table of jobs: what each does, by the first sentence of its module, and its settings with their defaults."""
    rows = []
    for name, kind in named(place).items():
        told = first_sentence(ROOT / "pipelines" / "jobs" / f"{name}.py").removeprefix("The job that ").rstrip(".")
        settings = [f"`{needed}`" for needed in kind.required]
        settings += [f"`{one}={default!r}`" for one, default in kind.optional.items()]
        rows.append(f"| `{name}` | {told} | {', '.join(settings)} |")
    return "\n".join(["| job | | settings |", "|---|---|---|", *rows, ""])


def guide(sections: str) -> str:
    """The guide's part about each page of the app's sections, which `sections` names as module:attribute."""
    sys.path.insert(0, str(ROOT))
    from workbench.ui import guide as told

    module, _, attribute = sections.partition(":")
    pages = [entry for entries in getattr(importlib.import_module(module), attribute).values() for entry in entries]
    return "\n".join(f"### {title}\n\n{told.purpose(name)}\n\n{told.body(name)}\n".replace("\n\n\n", "\n") for name, title in pages)
