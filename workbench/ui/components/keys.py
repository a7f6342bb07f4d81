"""Keys: single-key shortcuts of a page that stay quiet while somebody types, and the `?` overlay that lists them."""

from collections.abc import Callable, Collection, Mapping
from typing import Any

import streamlit as st

from workbench.ui.components import undisturbed
from workbench.ui.components.source import script, style

_component = st.components.v2.component(
    "workbench_keys",
    html='<div class="keys" hidden role="dialog" aria-label="Keys of this page"></div>\n',
    css=style("keys.css"),
    js=script("dom.js", "key_events.js", "keys.js"),
)

WENT = "went-in-history"
"""Where the visit's state says that the browser went back or forward in its history."""


def keys(
    events: Mapping[str, str],
    *,
    key: str,
    focus: Mapping[str, tuple[str, str]] | None = None,
    hints: Mapping[str, str] | None = None,
    turns: Mapping[str, Callable[[], None]] | None = None,
    bound: str = "",
    unbound: Collection[str] = (),
) -> str | None:
    """Listen for `events` (key → what it does) and return the key that was pressed, if any; of several one a draw.

    One without words is not listed in the overlay. `focus` maps a key to (CSS selector of a field to step into, what that does);
    `hints` are keys that something else on the page handles, and words for keys that are not listed one by one.
    Keys are named as the browser names them ("ArrowRight", "Enter", "d"). Those of `turns` are answered before the page is drawn, which so
    is drawn once for them and not twice; they are not returned. `bound` names what the page shows: a key that was pressed while it showed
    something else is refused with a message, but for those of `unbound`, which mean the same whatever is shown. For a key that is
    returned the page is drawn to its end before anything else is heard.
    """
    turns, heard, ahead = turns or {}, f"{key}-heard", f"{key}-ahead"
    data: dict[str, Any] = {"focus": {name: {"selector": selector, "label": label} for name, (selector, label) in (focus or {}).items()}}
    data |= {"events": dict(events), "hints": dict(hints or {}), "heard": st.session_state.get(heard, 0), "bound": bound}
    _component(key=key, data=data, on_pressed_change=lambda: _hear(key, heard, ahead, turns), on_went_change=_note_history)
    st.session_state["keys-drawn"] = ahead
    waiting: list[tuple[str, str]] = st.session_state.get(ahead, [])
    if not waiting:
        return None
    undisturbed.begin()
    pressed, where = waiting.pop(0)
    if pressed in turns:
        turns[pressed]()
        st.rerun()
    if where != bound and pressed not in unbound:
        st.toast(f"The key {pressed.upper()} was pressed before this was shown; nothing was changed.")
        return None
    return pressed


def _hear(key: str, heard: str, ahead: str, turns: Mapping[str, Callable[[], None]]) -> None:
    """Take what was pressed and was not heard yet: turns at once, but after what was pressed before them; the rest waits for a draw."""
    message = st.session_state[key].pressed
    for pressed in message["presses"] if message else ():
        if pressed["number"] <= st.session_state.get(heard, 0):
            continue
        st.session_state[heard] = pressed["number"]
        if pressed["key"] in turns and not st.session_state.get(ahead):
            turns[pressed["key"]]()
        else:
            st.session_state.setdefault(ahead, []).append((pressed["key"], pressed["bound"]))


def _note_history() -> None:
    st.session_state[WENT] = True


def end_page(name: str) -> None:
    """Once a page is drawn: let `?` answer on one that has no keys of its own, and draw again where keys were pressed ahead."""
    drawn = st.session_state.pop("keys-drawn", None)
    if drawn is None:
        hints = {"Tab Enter": "go through this page's fields and buttons, press one"}
        data = {"events": {}, "focus": {}, "hints": hints, "heard": 0, "bound": ""}
        _component(key=f"keys-of-{name}", data=data, on_pressed_change=lambda: None, on_went_change=_note_history)
    elif st.session_state.get(drawn):
        st.rerun()
