"""What the server needs beside the pages: the packaged configuration, and a sentence in place of every traceback."""

import logging
import tomllib
from importlib.resources import files
from typing import Any

import streamlit as st
from starlette.middleware import Middleware
from streamlit import config

from workbench.errors import WorkbenchError, store_trouble
from workbench.ui.app.navigation import SECTIONS
from workbench.ui.app.page_head import ServerAddress
from workbench.ui.app.password import CuratorGate
from workbench.ui.app.rater_access import RaterGate
from workbench.ui.app.shell import KnownPaths, SafeHeaders

log = logging.getLogger(__name__)

TROUBLES = {
    None: "Something unexpected went wrong here, and nothing was changed. The server's log has the details; reload to go on.",
    "full": "There is no space left on the store's disk, and nothing was changed. Free some, and do this again.",
    "read-only": "The store cannot be written to now, and nothing was changed. Make its folder writable, and do this again.",
    "busy": "Another job holds the store, and nothing was changed. Do this again in a moment.",
}


def configure() -> None:
    """Apply the packaged `config.toml` to every option that no file, flag or variable has set.

    In a checkout `.streamlit/config.toml` says the same; an installed package lies in no project folder, and is configured here.
    """
    packaged = tomllib.loads(files("workbench.ui").joinpath("config.toml").read_text("utf-8"))
    for option, value in _flat(packaged):
        if not config.is_manually_set(option):
            config.set_option(option, value, "the workbench")


def _flat(table: dict[str, Any], prefix: str = "") -> list[tuple[str, Any]]:
    pairs: list[tuple[str, Any]] = []
    for name, value in table.items():
        pairs += _flat(value, f"{prefix}{name}.") if isinstance(value, dict) else [(f"{prefix}{name}", value)]
    return pairs


def middleware() -> list[Middleware]:
    """What every request passes before Streamlit sees it, the first one first."""
    pages = frozenset(name for entries in SECTIONS.values() for name, _title in entries)
    gates = [Middleware(SafeHeaders), Middleware(RaterGate), Middleware(CuratorGate), Middleware(KnownPaths, pages=pages)]
    return [*gates, Middleware(ServerAddress)]


def sentence_for(error: Exception) -> bool:
    """Show an error as a sentence; the log keeps the traceback of what was not a broken rule of the domain."""
    if isinstance(error, WorkbenchError):
        st.error(str(error))
    else:
        log.error("a page failed", exc_info=error)
        st.error(TROUBLES[store_trouble(error)])
    return True
