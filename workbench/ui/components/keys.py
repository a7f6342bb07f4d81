"""Keys: single-key shortcuts of a page that stay quiet while somebody types, and the `?` overlay that lists them."""

from collections.abc import Callable, Mapping

import streamlit as st

from workbench.ui.components.source import asset

_component = st.components.v2.component(
    "workbench_keys",
    html='<div class="keys" hidden role="dialog" aria-label="Keys of this page"></div>\n',
    css=asset("keys.css"),
    js=asset("keys.js"),
)


def keys(
    events: Mapping[str, str],
    *,
    key: str,
    focus: Mapping[str, tuple[str, str]] | None = None,
    hints: Mapping[str, str] | None = None,
    turns: Mapping[str, Callable[[], None]] | None = None,
) -> str | None:
    """Listen for `events` (key → what it does) and return the key that was pressed just now, if any.

    One without words is not listed in the overlay. `focus` maps a key to (CSS selector of a field to step into, what that does);
    `hints` are keys that something else on the page handles, and words for keys that are not listed one by one.
    Keys are named as the browser names them ("ArrowRight", "Enter", "d"). Those of `turns` are answered before the page is drawn, which so
    is drawn once for them and not twice; they are not returned.
    """
    turns = turns or {}

    def turn() -> None:
        pressed = st.session_state[key].pressed
        if pressed and pressed["key"] in turns:
            turns[pressed["key"]]()

    result = _component(
        key=key,
        data={
            "events": dict(events),
            "focus": {name: {"selector": selector, "label": label} for name, (selector, label) in (focus or {}).items()},
            "hints": dict(hints or {}),
        },
        on_pressed_change=turn,
    )
    return result.pressed["key"] if result.pressed and result.pressed["key"] not in turns else None
