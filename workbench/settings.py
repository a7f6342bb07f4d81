"""Where everything lives: the store, the media, the weights that a person may add."""

import getpass
import os
from dataclasses import dataclass
from pathlib import Path

from workbench.errors import InvalidInputError


@dataclass(frozen=True)
class Settings:
    """The places of one store.

    `home` holds everything by default: `workbench.sqlite`, `jobs.sqlite`, `media/`, `checkpoints/`, `exports/`, `thumbnails/`,
    `cache/` (releases on their way to and from hubs and datasets; safe to delete).
    """

    home: Path
    database_url: str
    jobs_url: str
    media_url: str
    actor: str
    """The name under which changes are recorded where nobody has signed in."""

    @property
    def checkpoints(self) -> Path:
        """Folder of trained checkpoints."""
        return self.home / "checkpoints"

    @property
    def exports(self) -> Path:
        """Folder that exports go to by default."""
        return self.home / "exports"

    @property
    def thumbnails(self) -> Path:
        """Folder of derived small pictures, safe to delete."""
        return self.home / "thumbnails"

    @property
    def trainings(self) -> Path:
        """Folder of resumable training states and logs."""
        return self.home / "trainings"


def read_settings(home: Path | str | None = None) -> Settings:
    """Settings from `home` (else `$WORKBENCH_HOME`, else `./workbench-data`) and the `WORKBENCH_*_URL` variables.

    Raises InvalidInputError where the home exists and is no folder.
    """
    folder = Path(home or os.environ.get("WORKBENCH_HOME") or "workbench-data").expanduser().resolve()
    if folder.exists() and not folder.is_dir():
        raise InvalidInputError(f"The store's home {folder} is a file; name a folder (--home or WORKBENCH_HOME).")
    return Settings(
        home=folder,
        database_url=os.environ.get("WORKBENCH_DATABASE_URL") or f"sqlite:///{folder / 'workbench.sqlite'}",
        jobs_url=os.environ.get("WORKBENCH_JOBS_URL") or f"sqlite:///{folder / 'jobs.sqlite'}",
        media_url=os.environ.get("WORKBENCH_MEDIA_URL") or str(folder / "media"),
        actor=os.environ.get("WORKBENCH_ACTOR") or _user(),
    )


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container's user may have no name
        return "curator"


SAM_VARIABLE = "WORKBENCH_SAM_WEIGHTS"


def sam_weights(home: Path) -> Path | None:
    """The file with segment-anything's weights: the one that $WORKBENCH_SAM_WEIGHTS names, there or not, else the store's first."""
    named = os.environ.get(SAM_VARIABLE)
    return Path(named) if named else next(iter(sorted((home / "weights").glob("sam*.pth"))), None)
