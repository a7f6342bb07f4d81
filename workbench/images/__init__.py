"""Source photos: adding files to the library, finding, tagging, pixels, thumbnails."""

from workbench.images.image_files import Pictures, gray_png, item_names, picture_name
from workbench.images.ingest import SCENE_SOURCE, ImportOutcome, near_index, prepare, store
from workbench.images.library import by_id, count, find, get, ids, import_file, lightness, require_tag, tag, tags, untag, upright_rgb
from workbench.images.thumbnails import thumbnail

__all__ = [
    "SCENE_SOURCE",
    "ImportOutcome",
    "Pictures",
    "by_id",
    "count",
    "find",
    "get",
    "gray_png",
    "ids",
    "import_file",
    "item_names",
    "lightness",
    "near_index",
    "picture_name",
    "prepare",
    "require_tag",
    "store",
    "tag",
    "tags",
    "thumbnail",
    "untag",
    "upright_rgb",
]
