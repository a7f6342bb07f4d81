"""Weights that others have published: where they are, how large, under which license, and where this program looks for them."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from workbench.errors import NotFoundError
from workbench.settings import Settings

SAM_FILES = "https://dl.fbaipublicfiles.com/segment_anything"
SAM_PAGE = "https://github.com/facebookresearch/segment-anything#model-checkpoints"
SAM_LICENSE = "Apache-2.0"


@dataclass(frozen=True)
class PublishedWeights:
    """One file of weights.

    address  where the file itself is; "" where its publisher has only a page for people (then `page` is to be opened by a person)
    size     in bytes; 0 where the publisher does not say
    sha256   of the file; "" where nobody has published it. What then is known is that it converts, and passes the trial
    """

    name: str
    title: str
    kind: Literal["segment-anything", "l-cad"]
    file_name: str
    address: str
    page: str
    size: int
    sha256: str
    license: str


PUBLISHED = (
    PublishedWeights(
        "sam", "Segment-anything, ViT-B", "segment-anything", "sam_vit_b_01ec64.pth", f"{SAM_FILES}/sam_vit_b_01ec64.pth", SAM_PAGE,
        375_042_383, "ec2df62732614e57411cdcf32a23ffdf28910380d03139ee0f4fcbe91eb8c912", SAM_LICENSE,
    ),
    PublishedWeights(
        "sam-l", "Segment-anything, ViT-L", "segment-anything", "sam_vit_l_0b3195.pth", f"{SAM_FILES}/sam_vit_l_0b3195.pth", SAM_PAGE,
        1_249_524_607, "3adcc4315b642a4d2101128f611684e8734c41232a17c648ed1693702a49a622", SAM_LICENSE,
    ),
    PublishedWeights(
        "sam-h", "Segment-anything, ViT-H", "segment-anything", "sam_vit_h_4b8939.pth", f"{SAM_FILES}/sam_vit_h_4b8939.pth", SAM_PAGE,
        2_564_550_879, "a7bf3b02f3ebf1267aba913ff637d9a2d5c33d3173bb679e46d9f338c26f262e", SAM_LICENSE,
    ),
    PublishedWeights(
        "lcad", "L-CAD as its authors released it", "l-cad", "lcad.ckpt", "", "https://github.com/changzheng123/L-CAD#test-with-pre-trained-model",
        0, "", "CC BY-NC 4.0: not for commercial purposes",
    ),
)  # fmt: skip


def named(name: str) -> PublishedWeights:
    """The published weights of a name; raises NotFoundError that lists the names there are."""
    published = next((weights for weights in PUBLISHED if weights.name == name), None)
    if published is None:
        raise NotFoundError(f'No published weights are known as "{name}"; there are {", ".join(weights.name for weights in PUBLISHED)}.')
    return published


def place_of(settings: Settings, weights: PublishedWeights) -> Path:
    """Where a store keeps the file: the doctor, workers and pages look for segment-anything there."""
    return settings.home / "weights" / weights.file_name
