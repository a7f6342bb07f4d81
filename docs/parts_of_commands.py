"""The reference of the `workbench` command, made from the command line itself: every command, its arguments and its options."""

import enum
import sys
import typing
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
COMMON = ("home", "as_json", "help")
"""Options that nearly every command takes; the document says them once."""


def commands(names: str) -> str:
    """A section for each command of a list separated by commas, with a table of its arguments and options."""
    sys.path.insert(0, str(ROOT))
    from typer.main import get_command

    from pipelines.cli import COMMANDS, build

    parts = []
    for name in names.split(","):
        command = get_command(build(name)).commands[name]  # ty: ignore[unresolved-attribute]
        parts.append(f"## `{name}`\n\n{COMMANDS[name].summary}\n")
        if hasattr(command, "commands"):
            parts += [_section(f"### `{name} {inner}`", one) for inner, one in command.commands.items()]
        else:
            parts.append(_table(command))
    return "\n".join(part for part in parts if part)


def _section(heading: str, command: Any) -> str:
    return "\n".join(part for part in (f"{heading}\n\n{_prose(command.help)}\n", _table(command)) if part)


def _table(command: Any) -> str:
    rows = [_row(one) for one in command.params if one.name not in COMMON]
    if not rows:
        return ""
    return "\n".join(["| argument or option | default | |", "|---|---|---|", *rows, ""])


def _row(parameter: Any) -> str:
    if parameter.opts[0].startswith("-"):
        called = ", ".join(f"`{one}`" for one in (*parameter.opts, *parameter.secondary_opts))
        if not getattr(parameter, "is_flag", False):
            called += f" {_kind(parameter)}"
    else:
        called = f"`{parameter.metavar or parameter.name.upper()}`"
    return f"| {called} | {_default(parameter)} | {_prose(parameter.help or '').replace('|', chr(92) + '|')} |"


def _kind(parameter: Any) -> str:
    annotation = parameter.type_descriptor.annotation
    wanted = (typing.get_args(annotation) or (annotation,))[0] if typing.get_origin(annotation) is list else annotation
    if typing.get_origin(wanted) is typing.Literal:
        return " \\| ".join(typing.get_args(wanted))
    if isinstance(wanted, type) and issubclass(wanted, enum.Enum):
        return " \\| ".join(one.value for one in wanted)
    kind = {int: "number", float: "number", str: "text", Path: "path"}.get(wanted, "text")
    return kind + (", repeated" if parameter.multiple else "")


def _default(parameter: Any) -> str:
    if parameter.required:
        return "needed"
    value = parameter.default
    if getattr(parameter, "is_flag", False) and parameter.secondary_opts:
        return f"`{parameter.opts[0] if value else parameter.secondary_opts[0]}`"
    if value is None or value is False or value in ("", ()):
        return ""
    return f"`{value.value if isinstance(value, enum.Enum) else value}`"


def _prose(text: str | None) -> str:
    return " ".join((text or "").split())
