"""Pictures are served by content hash, small and full, and nothing else is."""

import io

import PIL.Image
import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from tests.stores import reading
from workbench import images
from workbench.ui.app import media_routes


@pytest.fixture
def client(filled):
    return TestClient(Starlette(routes=media_routes.routes()))


@pytest.fixture
def key(filled):
    with reading(filled) as session:
        return images.get(session, 1).upright_key


def test_a_thumbnail_is_small_webp_that_may_be_kept_for_ever(client, key):
    answer = client.get(media_routes.thumb_url(key))
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "image/webp"
    assert "immutable" in answer.headers["cache-control"]
    assert PIL.Image.open(io.BytesIO(answer.content)).size == (128, 96)


def test_the_gray_rendition_has_no_color(client, key):
    picture = PIL.Image.open(io.BytesIO(client.get(media_routes.thumb_url(key, "gray")).content)).convert("RGB")
    channels = [channel.getextrema() for channel in picture.split()]
    assert channels[0] == channels[1] == channels[2]


def test_a_full_picture_is_the_stored_file_to_the_byte(client, key, filled):
    answer = client.get(media_routes.full_url(key))
    assert answer.content == (filled.home / "media" / key).read_bytes()
    assert answer.headers["content-type"] == "image/png"


@pytest.mark.parametrize(
    "path",
    [
        "/pictures/full/../../workbench.sqlite",
        "/pictures/full/%2e%2e/%2e%2e/workbench.sqlite",
        "/pictures/full/ab/" + "ab" * 32 + ".png",
        "/pictures/full/ab/" + "ab" * 32 + ".html",
        "/pictures/color/256/ab/" + "ab" * 32 + ".png",
        "/pictures/color/9999/ab/" + "ab" * 32 + ".png",
        "/pictures/infrared/256/ab/" + "ab" * 32 + ".png",
    ],
)
def test_what_is_no_picture_of_the_store_is_not_found(client, path):
    assert client.get(path).status_code == 404
