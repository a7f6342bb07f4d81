"""Keys: single-key shortcuts of a page that stay quiet while somebody types, and the `?` overlay that lists them."""

from collections.abc import Callable, Collection, Mapping
from typing import Any

import streamlit as st

from workbench.ui.components.source import asset, script

_component = st.components.v2.component(
    "workbench_keys",
    html='<div class="keys" hidden role="dialog" aria-label="Keys of this page"></div>\n',
    css=asset("keys.css"),
    js=script("dom.js", "key_events.js", "keys.js"),
)


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
    something else is refused with a message, but for those of `unbound`, which mean the same whatever is shown.
    """
    turns = turns or {}
    heard, ahead = f"{key}-heard", f"{key}-ahead"

    def hear() -> None:
        message = st.session_state[key].pressed
        for pressed in message["presses"] if message else ():
            if pressed["number"] <= st.session_state.get(heard, 0):
                continue
            st.session_state[heard] = pressed["number"]
            if pressed["key"] in turns:
                turns[pressed["key"]]()
            else:
                st.session_state.setdefault(ahead, []).append((pressed["key"], pressed["bound"]))

    data: dict[str, Any] = {"focus": {name: {"selector": selector, "label": label} for name, (selector, label) in (focus or {}).items()}}
    data |= {"events": dict(events), "hints": dict(hints or {}), "heard": st.session_state.get(heard, 0), "bound": bound}
    _component(key=key, data=data, on_pressed_change=hear)
    st.session_state["keys-drawn"] = ahead
    waiting: list[tuple[str, str]] = st.session_state.get(ahead, [])
    if not waiting:
        return None
    pressed, where = waiting.pop(0)
    if where != bound and pressed not in unbound:
        st.toast(f"The key {pressed.upper()} was pressed before this was shown; nothing was changed.")
        return None
    return pressed


def end_page(name: str) -> None:
    """Once a page is drawn: let `?` answer on one that has no keys of its own, and draw again where keys were pressed ahead."""
    drawn = st.session_state.pop("keys-drawn", None)
    if drawn is None:
        hints = {"Tab Enter": "go through this page's fields and buttons, press one"}
        data = {"events": {}, "focus": {}, "hints": hints, "heard": 0, "bound": ""}
        _component(key=f"keys-of-{name}", data=data, on_pressed_change=lambda: None)
    elif st.session_state.get(drawn):
        st.rerun()
