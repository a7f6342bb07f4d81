"""The jobs there are: by stored name, the queue that each waits in, whether it needs the model, and its parameters."""

from dataclasses import dataclass, field
from typing import Any

from db.enums import CaptionLevel, Role


@dataclass(frozen=True)
class JobKind:
    """What a job needs: its queue, whether the model extra, and its parameters; those in `optional` stand with their defaults."""

    queue: str
    needs_model: bool = False
    required: tuple[str, ...] = ()
    optional: dict[str, Any] = field(default_factory=dict)
    role: Role = Role.CURATOR
    """The least role of who may ask for it."""


QUEUES = ("files", "network", "model", "training", "clicks", "interactive")


LEVELS = [level.value for level in CaptionLevel]


JOBS = {
    "import_images": JobKind(
        "files",
        required=("paths",),
        optional={"format": "auto", "captions": None, "source": "", "author": "", "license": "", "url": ""},
    ),
    "compare_images": JobKind("files"),
    "level_captions": JobKind("files", optional={"query": "", "derive": True, "variants": 3}),
    "describe_images": JobKind("files", optional={"query": ""}),
    "propose_captions": JobKind(
        "network",
        required=("address", "model", "prompt"),
        optional={"query": "NOT has:caption", "temperature": 0.2, "face": "auto", "mode": "derive", "seconds": 60.0, "at_once": 2},
    ),
    "import_captions": JobKind("files", required=("file",), optional={"format": "auto", "proposed": False}),
    "edit_captions": JobKind(
        "files",
        required=("kind",),
        optional={
            "query": "",
            "pattern": "",
            "replacement": "",
            "regex": False,
            "inside": False,
            "case": False,
            "level": "",
            "add": [],
            "take": [],
            "proposals": False,
            "left_out": [],
        },
    ),
    "take_back_batch": JobKind("files", required=("batch",)),
    "thumbnails": JobKind("files", optional={"query": ""}),
    "compose_scenes": JobKind("files", optional={"query": "", "count": 40, "seed": 0, "size": 256, "objects": 3}),
    "make_demo": JobKind("files", optional={"colorize": True, "size": 256, "studios": 0}),
    "export_release": JobKind(
        "files", required=("release_id",), optional={"format": "imagefolder", "folder": None, "keep_metadata": False}
    ),
    "sync_label_studio": JobKind(
        "files",
        required=("direction",),
        optional={"kind": "captions", "query": "", "study": "", "predicted": False, "title": "", "server": None},
    ),
    "verify_release": JobKind("files", required=("release_id",)),
    "picture_features": JobKind("model", needs_model=True, optional={"query": ""}),
    "ground_phrases": JobKind("model", needs_model=True, optional={"query": "", "checkpoint": None}),
    "correct_mask": JobKind(
        "clicks",
        needs_model=True,
        required=("image_id", "correction"),
        optional={"mention_id": None, "region_id": 0, "replaces": False},
        role=Role.ANNOTATOR,
    ),
    "read_picture": JobKind("clicks", needs_model=True, required=("image_id",), role=Role.ANNOTATOR),
    "colorize_images": JobKind(
        "model",
        needs_model=True,
        optional={
            "query": "", "levels": LEVELS, "checkpoint": None, "seeds": [0], "steps": None, "guidance": None, "instances": True,
            "preset": None, "expected": None, "pins": [], "palette": [],
        },
    ),
    "try_colors": JobKind(
        "interactive", needs_model=True, required=("picture", "captions"),
        optional={"seeds": [0], "checkpoint": None, "settings": {}, "image_id": None, "sha256": ""},
        role=Role.ANNOTATOR,
    ),
    "evaluate_checkpoint": JobKind(
        "model", needs_model=True, required=("checkpoint", "release_id"),
        optional={"split": "test", "steps": None, "guidance": None, "captions_alone": False},
    ),
    "retrain_checkpoint": JobKind(
        "training", needs_model=True, required=("release_id",),
        optional={
            "base": "mini", "stage": "denoiser", "steps": 200, "learning_rate": None, "name": None, "method": "dpo", "trained": None,
            "batch_size": None, "lora_rank": None, "natural_steps": None, "grounder_steps": None, "denoiser_keep": None, "beta": None,
            "keep": None, "validations": None,
        },
    ),
}  # fmt: skip
