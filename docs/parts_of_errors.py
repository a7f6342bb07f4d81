"""What the program refuses, made from the code: each sentence of a `WorkbenchError`, under the room that says it."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]


def errors(packages: str) -> str:
    """A list of sentences for each room of packages (names separated by commas); what is filled in is written ‹so›."""
    kinds = _kinds()
    parts = []
    for package in packages.split(","):
        for room in _rooms(ROOT / package):
            sentences = sorted({said for path in _modules(room) for said in _sentences(path, kinds)})
            if sentences:
                name = room.relative_to(ROOT).with_suffix("").as_posix()
                parts.append("\n".join([f"### {name}\n", *(f"- {one}" for one in sentences), ""]))
    return "\n".join(parts)


def _kinds() -> set[str]:
    """The names of the errors that are fit to show a person."""
    sys.path.insert(0, str(ROOT))
    from workbench import errors as module

    return {name for name in module.__all__ if name.endswith("Error")}


def _rooms(package: Path) -> list[Path]:
    return sorted(path.parent for path in package.glob("*/__init__.py")) + sorted(package.glob("*.py"))


def _modules(room: Path) -> list[Path]:
    return [room] if room.is_file() else sorted(room.rglob("*.py"))


def _sentences(path: Path, kinds: set[str]) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in kinds and node.args:
            said = _text(node.args[0])
            if " " in said.strip("…‹› "):
                yield " ".join(said.split()).replace("<", "&lt;").replace("*", "\\*").replace("[", "\\[")


def _text(node: ast.expr) -> str:
    if isinstance(node, ast.Constant):
        return str(node.value)
    if isinstance(node, ast.JoinedStr):
        return "".join(_text(part) for part in node.values)
    if isinstance(node, ast.FormattedValue):
        named = node.value.id if isinstance(node.value, ast.Name) else node.value.attr if isinstance(node.value, ast.Attribute) else ""
        return f"‹{named.replace('_', ' ')}›" if named else "…"
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return _text(node.left) + _text(node.right)
    return "…"
