"""The files of a finder: a grounder's folder, read, written, and the one that a checkpoint is looked through with.

    grounder/config.json          sizes, the weights of the chance that a mask is right, the names of the nouns that pictures taught
    grounder/model.safetensors    the grounder, the last layers of the classifier, the nouns' vectors; where a training made the grounder,
                                  also the one from before, and in config.json the names of the nouns that were taught since
    grounder/nouns.json.gz        the nouns; nanodet_m.onnx: the detector

The classifier's first layers are the embedded color prior's.
"""

import json
import shutil
from functools import lru_cache
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file

from lcad.checkpoints import EMBEDDED, folder_of
from lcad.grounding.detector import ThingDetector
from lcad.grounding.nouns import FILE, NounTable
from lcad.grounding.phrase_finder import Earlier, FrozenClassifier, PhraseFinder
from lcad.models.phrase_grounder import PhraseGrounder

FOLDER, CONFIG, WEIGHTS, DETECTOR = "grounder", "config.json", "model.safetensors", "nanodet_m.onnx"
OWN, EARLIER, CLASSIFIER, NOUNS = PARTS = ("grounder.", "earlier.", "classifier.", "nouns.")
BACKBONE = "color_prior.backbone."


def read_finder(folder: str | Path, classifier: dict[str, torch.Tensor]) -> PhraseFinder:
    """The finder of a grounder's folder; `classifier` has the first layers of the classifier, by `timm`'s names.

    Raises FileNotFoundError for a file that is missing, ValueError for weights that do not fit.
    """
    folder = Path(folder)
    missing = [name for name in (CONFIG, WEIGHTS, DETECTOR) if not (folder / name).is_file()]
    if missing:
        raise FileNotFoundError(f"the grounder in {folder} is incomplete, it lacks {', '.join(missing)}: install the package again")
    config = json.loads((folder / CONFIG).read_text(encoding="utf-8"))
    weights = load_file(folder / WEIGHTS)
    parts = {part: {n.removeprefix(part): w for n, w in weights.items() if n.startswith(part)} for part in PARTS}
    network = FrozenClassifier()
    try:
        grounder = _grounder(config["grounder"], parts[OWN])
        earlier = Earlier(_grounder(config["grounder"], parts[EARLIER]), frozenset(config["taught_since"])) if parts[EARLIER] else None
        network.network.load_state_dict(
            {name: w.float() if w.is_floating_point() else w for name, w in (classifier | parts[CLASSIFIER]).items()}
        )
    except RuntimeError as error:
        raise ValueError(f"the weights of the grounder in {folder} do not fit: {error}") from error
    vectors = parts[NOUNS]["vectors"].float() * parts[NOUNS]["scale"].float()
    nouns, detector = NounTable.read(folder), ThingDetector(folder / DETECTOR)
    return PhraseFinder(network, grounder, vectors, nouns, detector, config["calibration"], config["taught"], earlier)


def _grounder(sizes: dict[str, int], weights: dict[str, torch.Tensor]) -> PhraseGrounder:
    grounder = PhraseGrounder(**sizes)
    grounder.load_state_dict({name: tensor.float() for name, tensor in weights.items()})
    return grounder.eval()


def write_finder(folder: str | Path, start: str | Path, grounder: PhraseGrounder, taught: frozenset[str]) -> None:
    """Write a grounder's folder: the one in `start` with a grounder, in float16, that a training taught some nouns.

    The grounder from before all trainings is kept beside it for the nouns that none of them taught.
    """
    folder, start = Path(folder), Path(start)
    folder.mkdir(parents=True, exist_ok=True)
    weights = load_file(start / WEIGHTS)
    if not any(name.startswith(EARLIER) for name in weights):
        weights |= {EARLIER + name.removeprefix(OWN): tensor for name, tensor in weights.items() if name.startswith(OWN)}
    own = {OWN + name: tensor.half().contiguous() for name, tensor in grounder.state_dict().items()}
    save_file(weights | own, folder / WEIGHTS)
    for name in (FILE, DETECTOR):
        shutil.copyfile(start / name, folder / name)
    config = json.loads((start / CONFIG).read_text(encoding="utf-8"))
    for name in ("taught", "taught_since"):
        config[name] = sorted(set(config.get(name, ())) | taught)
    (folder / CONFIG).write_text(json.dumps(config, indent=2) + "\n", encoding="utf-8")


def finder_folder(checkpoint: str | Path = "mini") -> Path:
    """The grounder's folder that a checkpoint is looked through with: its own where a training gave it one, else the embedded one."""
    own = folder_of(checkpoint) / FOLDER
    return own if own.is_dir() else EMBEDDED / "mini" / FOLDER


def load_finder(checkpoint: str | Path = "mini") -> PhraseFinder:
    """The finder of a checkpoint (`finder_folder`), read once for as long as its weights are not replaced."""
    folder = finder_folder(checkpoint)
    weights = folder / WEIGHTS
    return _read_once(folder, weights.stat().st_mtime_ns if weights.is_file() else 0)


@lru_cache(maxsize=2)
def _read_once(folder: Path, _written: int) -> PhraseFinder:
    weights = load_file(next((EMBEDDED / "mini" / "autoencoder").glob("*.safetensors")))
    return read_finder(folder, {name.removeprefix(BACKBONE): w for name, w in weights.items() if name.startswith(BACKBONE)})
