"""What the server needs beside the pages: the packaged configuration, and a sentence in place of every traceback."""

import logging
import tomllib
from importlib import import_module
from importlib.resources import files
from pkgutil import walk_packages
from threading import Thread
from typing import Any

import streamlit as st
from starlette.middleware import Middleware
from streamlit import config
from streamlit import logger as streamlit_logger

import workbench.ui
from workbench import access, logs
from workbench.errors import WorkbenchError, store_trouble
from workbench.ui.app import context
from workbench.ui.app.navigation import SECTIONS
from workbench.ui.app.page_head import PageHead
from workbench.ui.app.password import CuratorGate
from workbench.ui.app.rater_access import RaterGate
from workbench.ui.app.shell import KnownPaths, SafeHeaders
from workbench.ui.app.sign_in import MemberGate, secrets_files
from workbench.ui.components import undisturbed

log = logging.getLogger(__name__)

TROUBLES = {
    None: "Something unexpected went wrong here, and nothing was changed. The server's log has the details; reload to go on.",
    "full": "There is no space left on the store's disk, and nothing was changed. Free some, and do this again.",
    "read-only": "The store cannot be written to now, and nothing was changed. Make its folder writable, and do this again.",
    "busy": "Another job holds the store, and nothing was changed. Do this again in a moment.",
}


def configure() -> None:
    """Apply the packaged `config.toml` to every option that no file, flag or variable has set.

    In a checkout `.streamlit/config.toml` says the same; an installed package lies in no project folder, and is configured here. What
    the file cannot say is said here too: what was begun is done to its end (`undisturbed`).
    """
    access.people_sign_in()  # a value that means nothing ends the start here
    packaged = tomllib.loads(files("workbench.ui").joinpath("config.toml").read_text("utf-8"))
    for option, value in [*_flat(packaged), ("secrets.files", secrets_files())]:
        if not config.is_manually_set(option):
            config.set_option(option, value, "the workbench")
    undisturbed.install()


def configure_log() -> None:
    """Write the log as `workbench.logs` does, and what Streamlit and its server say with it."""
    logs.configure()
    setattr(streamlit_logger, "setup_formatter", logs.take_over)  # noqa: B010  (gives each of its loggers a handler of its own)
    streamlit_logger.update_formatter()


def warm_up() -> Thread:
    """Import what pages are drawn with, beside the server's start: a first visit would else keep raters waiting for seconds."""
    thread = Thread(target=_import_face, name="warm-up", daemon=True)
    thread.start()
    return thread


def _import_face() -> None:
    for module in walk_packages(workbench.ui.__path__, f"{workbench.ui.__name__}."):
        if not module.name.startswith(f"{workbench.ui.__name__}.pages"):  # scripts, which draw when they are run
            import_module(module.name)


def _flat(table: dict[str, Any], prefix: str = "") -> list[tuple[str, Any]]:
    pairs: list[tuple[str, Any]] = []
    for name, value in table.items():
        pairs += _flat(value, f"{prefix}{name}.") if isinstance(value, dict) else [(f"{prefix}{name}", value)]
    return pairs


def middleware() -> list[Middleware]:
    """What every request passes before Streamlit sees it, the first one first."""
    pages = frozenset(name for entries in SECTIONS.values() for name, _title in entries)
    gates = [Middleware(RaterGate), Middleware(MemberGate, pages=pages), Middleware(CuratorGate)]
    return [Middleware(SafeHeaders), *gates, Middleware(KnownPaths, pages=pages), Middleware(PageHead)]


def sentence_for(error: Exception) -> bool:
    """Show an error as a sentence; the log keeps the traceback of what was not a broken rule of the domain."""
    if isinstance(error, WorkbenchError):
        st.error(str(error))
    else:
        with logs.bound(actor=context.actor()):
            log.error("a page failed", exc_info=error)
        st.error(TROUBLES[store_trouble(error)])
    return True
