"""The guide: what each page is for and how it works, a file a page, whose first line is the sentence at the page's head."""

from functools import cache
from importlib.resources import files

__all__ = ["body", "purpose"]


@cache
def _text(page: str) -> str:
    return files("workbench.ui.guide").joinpath(f"{page}.md").read_text("utf-8")


def purpose(page: str) -> str:
    """What a page is for, in one sentence."""
    return _text(page).partition("\n")[0]


def body(page: str) -> str:
    """How a page works, as Markdown."""
    return _text(page).partition("\n")[2].strip()
