"""The domain: services and pure arithmetic over the store; never imports torch.

From Python, `workbench.open` is the door:

    import workbench

    with workbench.open("workbench-data") as wb:
        wb.captions("level:complete color:red")      # a pandas DataFrame
"""

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from workbench.api import Workbench

__all__ = ["open"]


def open(home: Path | str | None = None, *, actor: str | None = None) -> "Workbench":  # noqa: A001  (read as workbench.open)
    """The store of a folder, by default of `$WORKBENCH_HOME` or `./workbench-data`, made where there is none.

    `actor` is the name under which changes are recorded, by default `$WORKBENCH_ACTOR` or the user's. Raises WorkbenchError where the
    home is a file, the database cannot be read, or the store was made by a newer version.
    """
    from workbench.api import Workbench  # only here, so that `import workbench` is quick

    return Workbench.open(home, actor=actor)
