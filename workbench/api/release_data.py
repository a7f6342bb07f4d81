"""A release as a dataset of the field's libraries: `datasets` (Hugging Face), and `torch.utils.data`.

Both read the same Parquet files, written once into `cache/releases/` of the store's home; a release never changes, so they never go stale.
The folder is safe to delete.
"""

import importlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from db.enums import Split
from workbench import releases
from workbench.errors import InvalidInputError, MissingPartError
from workbench.imaging import lightness_of, masks
from workbench.open_store import Store

if TYPE_CHECKING:
    import datasets

SPLITS = tuple(split.value for split in Split)


def release_files(store: Store, name: str, version: str | None) -> Path:
    """The folder of a release's Parquet files, written now where they are not there; raises NotFoundError."""
    from workbench import exports  # only here: it loads scipy

    with store.reading() as session:
        release = releases.get(session, name, version)
        folder = store.settings.home / "cache" / "releases" / f"{release.name}-{release.version}-{release.manifest_hash[:12]}"
        exports.write_files(session, store.media, release.id, "parquet", folder)
    return folder


def as_dataset(store: Store, name: str, version: str | None, split: str | None) -> "datasets.Dataset | datasets.DatasetDict":
    """A split of a release, or all that have items, for the `datasets` library. Raises as `Workbench.release` says."""
    library = _library("datasets", "datasets")
    if split is not None and split not in SPLITS:
        raise InvalidInputError(f'There is no split "{split}"; there are {", ".join(SPLITS)}.')
    folder = release_files(store, name, version)
    files = {one: sorted(str(path) for path in (folder / "data").glob(f"{one}-*.parquet")) for one in SPLITS}
    cache = str(folder.parent / ".datasets")
    loaded = {one: library.Dataset.from_parquet(files[one], split=one, cache_dir=cache) for one in ([split] if split else SPLITS)}
    return loaded[split] if split else library.DatasetDict({one: rows for one, rows in loaded.items() if len(rows)})


def as_torch(store: Store, name: str, version: str | None, split: str) -> Any:
    """A split of a release as a map-style dataset of torch. Raises as `Workbench.torch_release` says."""
    torch = _library("torch", "model")
    rows = as_dataset(store, name, version, split)

    class ReleaseExamples(importlib.import_module("torch.utils.data").Dataset):
        """Items of one split of a release as tensors."""

        def __len__(self) -> int:
            return len(rows)

        def __getitem__(self, index: int) -> dict[str, Any]:
            return {key: torch.from_numpy(value) if isinstance(value, np.ndarray) else value for key, value in example(rows[index]).items()}

    return ReleaseExamples()


def example(row: Any) -> dict[str, Any]:
    """A row of a release as arrays: lightness (1, H, W) and color (3, H, W) float32 in [0, 1], masks (N, H, W) bool, and its texts."""
    rgb = np.asarray(row["color"].convert("RGB"))
    drawn = [masks.decode(region["mask"]) for region in row["regions"]]
    return {
        "lightness": (lightness_of(rgb) / 100).astype(np.float32)[None],
        "color": np.ascontiguousarray(rgb.transpose(2, 0, 1)).astype(np.float32) / 255,
        "masks": np.stack(drawn) if drawn else np.zeros((0, *rgb.shape[:2]), bool),
        "phrases": [(region["start"], region["end"]) for region in row["regions"]],
        "caption": row["caption"],
        "level": row["level"],
        "image": row["image"],
    }


def _library(name: str, extra: str) -> Any:
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name != name:
            raise
        raise MissingPartError(f"{name} is not installed here; pip install 'lcad-workbench[{extra}]'.") from None
