"""Broken rules of the domain as a language model reads them: the sentence that a person would get."""

from collections.abc import Iterator
from contextlib import contextmanager

from mcp.server.mcpserver.exceptions import ToolError

from workbench.errors import WorkbenchError


@contextmanager
def told() -> Iterator[None]:
    """Let a WorkbenchError reach the model with its sentence."""
    try:
        yield
    except WorkbenchError as error:
        raise ToolError(str(error)) from None
