"""The scripts and styles that lie beside the components, as inline text."""

from importlib.resources import files


def asset(name: str) -> str:
    """The text of `name` in this folder; always of several lines, because Streamlit takes a single line for a path."""
    return files("workbench.ui.components").joinpath(name).read_text("utf-8") + "\n"


def script(*parts: str) -> str:
    """The script of a component, which Streamlit takes as one module: the parts that it shares with others, then its own."""
    return "".join(map(asset, parts))


def style(name: str) -> str:
    """The style of a component: the grays and sizes that all of them share, then its own."""
    return asset("tokens.css") + asset(name)
