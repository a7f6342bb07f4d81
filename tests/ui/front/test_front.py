"""The front is light, and answers raters with nothing behind it."""

import subprocess
import sys

import httpx
import pytest

from tests.ui.conftest import ROOT
from tests.ui.front.conftest import SECONDS

pytestmark = pytest.mark.slow
HEAVY = ("streamlit", "pandas", "torch", "scipy", "spacy", "cv2", "lcad", "pipelines", "altair", "pyarrow")


def test_raters_are_answered_while_there_are_no_pages(front):
    with httpx.Client(base_url=front, trust_env=False, timeout=SECONDS) as client:
        assert client.get("/r/page/page.css").headers["content-type"].startswith("text/css")
        refused = client.get("/r/nobody")
        assert (refused.status_code, refused.headers["x-frame-options"]) == (403, "SAMEORIGIN")
        assert client.get("/leave").headers["location"] == "/"


def test_nothing_under_a_raters_address_is_asked_of_the_pages(browser):
    assert browser.get("/r/echo/unknown").status_code == 404
    assert browser.post("/r/some/other/place").status_code == 404


def test_the_front_loads_none_of_the_heavy_libraries():
    code = f"import sys, workbench.ui.front.__main__; print([name for name in {HEAVY} if name in sys.modules])"
    said = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert said.strip() == "[]"
