"""Source photos: adding files to the library, finding, tagging, credits, pixels, thumbnails; `crops` by its own name (OpenCV)."""

from workbench.images.credits import PARTS as CREDIT_PARTS
from workbench.images.credits import Credit, credit_all, credit_each, credit_in_parts
from workbench.images.deletion import MOST_AT_ONCE, remove, remove_in_parts
from workbench.images.duplicates import Twin, duplicate_groups, duplicates_of, uncompared
from workbench.images.features import Placed, placed
from workbench.images.image_files import Pictures, gray_png, item_names, picture_name
from workbench.images.ingest import (
    COCO_ID,
    SCENE_SOURCE,
    ImportOutcome,
    Likenesses,
    Prepared,
    catch_up,
    keep,
    likenesses,
    near_index,
    prepare,
    store,
)
from workbench.images.library import (
    by_id,
    count,
    find,
    get,
    id_array,
    ids,
    import_file,
    lightness,
    require_tag,
    tag,
    tags,
    untag,
    upright_rgb,
)
from workbench.images.thumbnails import thumbnail

__all__ = [
    "COCO_ID",
    "CREDIT_PARTS",
    "MOST_AT_ONCE",
    "SCENE_SOURCE",
    "Credit",
    "ImportOutcome",
    "Likenesses",
    "Pictures",
    "Placed",
    "Prepared",
    "Twin",
    "by_id",
    "catch_up",
    "count",
    "credit_all",
    "credit_each",
    "credit_in_parts",
    "duplicate_groups",
    "duplicates_of",
    "find",
    "get",
    "gray_png",
    "id_array",
    "ids",
    "import_file",
    "item_names",
    "keep",
    "lightness",
    "likenesses",
    "near_index",
    "picture_name",
    "placed",
    "prepare",
    "remove",
    "remove_in_parts",
    "require_tag",
    "store",
    "tag",
    "tags",
    "thumbnail",
    "uncompared",
    "untag",
    "upright_rgb",
]
