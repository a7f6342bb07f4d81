"""The store as one object: what `workbench.open` gives."""

import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import pandas as pd
import PIL.Image
from numpy.typing import NDArray

from db.enums import CaptionLevel, CaptionStatus, Origin
from workbench import captions, colorizations, images, regions, runs, studies
from workbench.api import release_data
from workbench.api.frames import frame_of
from workbench.api.rows import all_rows
from workbench.api.running import RunState, state_of, wait_for
from workbench.captions import NewCaption, history
from workbench.errors import InvalidInputError
from workbench.imaging import gray_of, masks
from workbench.open_store import Store, open_store
from workbench.settings import read_settings
from workbench.store import events

if TYPE_CHECKING:
    import datasets


@dataclass(frozen=True)
class Added:
    """Captions that were added, in the order they were given: their ids, how many are new, and the batch that `undo` takes back."""

    ids: list[int]
    added: int
    batch: str


class Workbench:
    """A store, read as tables and changed through the same services as the app: every change is an event that can be undone.

    Made by `workbench.open`; `close()` it, or use it in a `with` block. Raises WorkbenchError, always with a sentence that says what
    was wrong and what to do.
    """

    def __init__(self, store: Store):
        self.store = store
        """Settings, engines and media, for what is not offered here."""

    @classmethod
    def open(cls, home: Path | str | None = None, *, actor: str | None = None) -> Self:
        """As `workbench.open`."""
        settings = read_settings(home)
        return cls(open_store(replace(settings, actor=actor) if actor else settings))

    @property
    def home(self) -> Path:
        """The folder of the store."""
        return self.store.settings.home

    @property
    def actor(self) -> str:
        """The name under which changes are recorded."""
        return self.store.settings.actor

    def images(self, query: str = "") -> pd.DataFrame:
        """Photos that a query of the grammar asks for, in its order: `"tag:night has:mask sort:newest"`."""
        return self._frame("images", query)

    def captions(self, query: str = "") -> pd.DataFrame:
        """Captions that a query asks for, with their mentions; dropped ones only where it names a status."""
        return self._frame("captions", query)

    def regions(self, query: str = "") -> pd.DataFrame:
        """Masks of the images that a query asks for; `mask(id)` gives one as an array."""
        return self._frame("regions", query)

    def colorizations(self, query: str = "") -> pd.DataFrame:
        """Colorizations of the images that a query asks for, with settings and metrics; `colorized(id)` gives the picture."""
        return self._frame("colorizations", query)

    def ratings(self, study: str) -> pd.DataFrame:
        """Every answer of a study, also those that do not count (see `counted`, `kind`, `exclusion`); of scales a row for each value."""
        return self._frame("ratings", study)

    def reviews(self, query: str = "") -> pd.DataFrame:
        """Verdicts of curators and rules on colorizations of the images that a query asks for."""
        return self._frame("reviews", query)

    def studies(self) -> pd.DataFrame:
        """All studies, with how many trials and ratings they have."""
        return self._frame("studies")

    def releases(self) -> pd.DataFrame:
        """All releases, with their sizes."""
        return self._frame("releases")

    def checkpoints(self) -> pd.DataFrame:
        """All checkpoints, with what they were trained from and on."""
        return self._frame("checkpoints")

    def runs(self) -> pd.DataFrame:
        """All runs, with their counts and what came of them."""
        return self._frame("runs")

    def results(self, study: str, *, simulated: bool = True) -> dict[str, Any]:
        """What a study's counted votes say: systems with strengths or means and 95 % intervals, pairs, raters, agreement, notes.

        The same object as `workbench studies results STUDY --json`. Without `simulated` only people's votes count.
        """
        from workbench.rating.results import study_results  # only here: it loads scipy

        with self.store.reading() as session:
            return study_results(session, studies.by_name(session, study).id, simulated=simulated).as_json()

    def image(self, image_id: int, *, gray: bool = False) -> PIL.Image.Image:
        """A photo, upright, sRGB; with `gray` its lightness alone, which is all that the model sees."""
        with self.store.reading() as session:
            pixels = images.upright_rgb(self.store.media, images.get(session, image_id))
        return PIL.Image.fromarray(gray_of(pixels) if gray else pixels)

    def colorized(self, colorization_id: int) -> PIL.Image.Image:
        """The picture of a colorization, sRGB."""
        with self.store.reading() as session:
            content = self.store.media.read(colorizations.get(session, colorization_id).media_key)
        return PIL.Image.open(io.BytesIO(content)).convert("RGB")

    def mask(self, region_id: int) -> NDArray[np.bool_]:
        """The mask of a region, (H, W) bool in the photo's upright pixels."""
        with self.store.reading() as session:
            return masks.decode(regions.get(session, region_id).mask)

    def release(self, name: str, version: str | None = None, *, split: str | None = None) -> "datasets.Dataset | datasets.DatasetDict":
        """A release for the `datasets` library, the newest version by default: all splits that have items, or one.

        Features: `gray` and `color` (pictures), `caption`, `level`, `image` (the photo's SHA-256), `target`, where it comes from, and
        `regions` with COCO run lengths. Raises MissingPartError where `datasets` is not installed.
        """
        return release_data.as_dataset(self.store, name, version, split)

    def torch_release(self, name: str, version: str | None = None, *, split: str = "train") -> Any:
        """A split of a release as a `torch.utils.data.Dataset`; only this imports torch.

        An item has `lightness` (1, H, W) and `color` (3, H, W), float32 in [0, 1], `masks` (N, H, W) bool, `phrases` (the span of
        characters of each mask), `caption`, `level` and `image`. Photos keep their sizes, so batches need a collate function.
        """
        return release_data.as_torch(self.store, name, version, split)

    def add_captions(
        self, rows: pd.DataFrame | Iterable[Mapping[str, Any]], *, proposed: bool = False, origin: str = "human", author: str | None = None
    ) -> Added:
        """Add descriptions: rows with `image_id`, `text` and, where the rules shall not read it, `level`. One batch, for `undo`.

        What an image has already is not added again. With `proposed` they wait on the Caption page for a person's word. `origin` says who
        wrote them: human, rule, model or imported; `author` is their name, by default yours. Raises InvalidInputError, naming the row,
        and NotFoundError for an unknown image.
        """
        given = rows.to_dict("records") if isinstance(rows, pd.DataFrame) else rows
        entries = [_new_caption(number, row) for number, row in enumerate(given)]
        if origin not in set(Origin):
            raise InvalidInputError(f'There is no origin "{origin}"; there are {", ".join(Origin)}.')
        batch = events.new_batch()
        status = CaptionStatus.PROPOSED if proposed else CaptionStatus.ACCEPTED
        with self.store.writing() as session:
            stored = captions.add_many(
                session, entries, text_origin=Origin(origin), status=status, author=author or self.actor, batch_id=batch
            )
        return Added(stored.ids, stored.added, batch)

    def undo(self, batch: str) -> int:
        """Take back a whole batch, all of it or nothing; return how many changes. `RunState.batch` names that of a run.

        Raises NotFoundError, and ConflictError where something of it has changed since or a run is still at work on it.
        """
        with self.store.writing() as session:
            history.require_ended(session, batch)
            return events.rollback(session, batch, actor=self.actor)

    def run(self, job: str, /, *, wait: bool = False, **settings: Any) -> RunState:
        """Ask for a run of a job; a worker carries it out. Jobs and their settings are listed below.

        With `wait` it returns when the run has ended; a worker is started for the time where none is alive, and WorkbenchError is raised
        where the run was not done. Raises InvalidInputError for an unknown job or setting.
        """
        with self.store.writing() as session:
            run_id = runs.create(session, job, settings, requested_by=self.actor).id
        return wait_for(self.store, run_id) if wait else self.run_state(run_id)

    def run_state(self, run_id: int) -> RunState:
        """How a run stands now, with the items that failed; raises NotFoundError."""
        with self.store.reading() as session:
            return state_of(session, run_id)

    def close(self) -> None:
        """Close all connections."""
        self.store.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<Workbench {self.home}>"

    def _frame(self, table: str, query: str = "") -> pd.DataFrame:
        with self.store.reading() as session:
            return frame_of(table, all_rows(session, table, query))


def _new_caption(number: int, row: Mapping[Any, Any]) -> NewCaption:
    """A row as a caption; raises InvalidInputError that names it."""
    try:
        image_id, text = int(row["image_id"]), row["text"]
    except (KeyError, TypeError, ValueError):
        raise InvalidInputError(f"Row {number} needs image_id, a number, and text.") from None
    level = row.get("level")
    if not isinstance(text, str):
        raise InvalidInputError(f"The text of row {number} is no text: {text!r}.")
    if level is None or level is pd.NA or level != level:
        return NewCaption(image_id, text)
    if level not in set(CaptionLevel):
        raise InvalidInputError(f'Row {number} has the level "{level}"; there are {", ".join(CaptionLevel)}.')
    return NewCaption(image_id, text, CaptionLevel(level))
