"""What was begun is done to its end before the browser's next message is heard.

Streamlit looks for messages at nearly every one of its commands, and at each look at `st.session_state`; where there is one it gives up the
run, wherever that stands, and begins a new one. So of two keys pressed in one breath the first was heard and then given up. Callbacks
are run to their end here, and so is the rest of a draw that answers a key; what a page asks for itself (`st.rerun`) is heard as ever.
"""

from weakref import WeakSet

from streamlit.runtime.scriptrunner import RerunData, get_script_run_ctx
from streamlit.runtime.scriptrunner_utils.script_requests import ScriptRequest, ScriptRequests
from streamlit.runtime.scriptrunner_utils.script_run_context import RunLocation, ThreadState

_look, _request = ScriptRequests.on_scriptrunner_yield, ScriptRequests.request_rerun
_answering: "WeakSet[ScriptRequests]" = WeakSet()
"""The messages of the runs that are answering a key."""


def install() -> None:
    """Let Streamlit look for messages only where nothing is being done."""
    setattr(ScriptRequests, "on_scriptrunner_yield", _look_where_nothing_is_done)  # noqa: B010  (they are not meant to be replaced)
    setattr(ScriptRequests, "request_rerun", _heard_where_a_page_asks)  # noqa: B010


def begin() -> None:
    """From here to `end`, or until the page asks to be drawn again, nothing else is heard."""
    requests = _own()
    if requests is not None:
        _answering.add(requests)


def end() -> None:
    """What has come in meanwhile is heard again."""
    requests = _own()
    if requests is not None:
        _answering.discard(requests)


def _own() -> ScriptRequests | None:
    context = get_script_run_ctx(suppress_warning=True)
    return context.script_requests if context is not None else None


def _look_where_nothing_is_done(requests: ScriptRequests) -> ScriptRequest | None:
    if requests in _answering or ThreadState.get().run_location is RunLocation.CALLBACK:
        return None
    return _look(requests)


def _heard_where_a_page_asks(requests: ScriptRequests, data: RerunData) -> bool:
    if requests is _own():  # in the run's own thread: the browser's messages come in on another
        _answering.discard(requests)
    return _request(requests, data)
