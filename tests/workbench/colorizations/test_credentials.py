"""A colorization says of itself what it is; where a certificate is given, so that it cannot be denied."""

import io
import json
import xml.etree.ElementTree as ElementTree

import numpy as np
import PIL.Image
import pytest

from workbench.colorizations.c2pa_manifest import CERTIFICATE, KEY
from workbench.colorizations.credentials import DIGITAL_SOURCE_TYPE, Making, with_credentials
from workbench.errors import MissingPartError
from workbench.imaging.xmp import xmp_of

MAKING = Making("mini", "ab" * 32, 'a "red" <cup> & a dog', 3, {"steps": 8, "guidance": None}, "cd" * 32)
IPTC = "{http://iptc.org/std/Iptc4xmpExt/2008-02-29/}"


@pytest.fixture
def png() -> bytes:
    content = io.BytesIO()
    PIL.Image.fromarray(np.random.default_rng(1).integers(0, 256, (64, 48, 3), np.uint8)).save(content, "PNG")
    return content.getvalue()


def properties(marked: bytes) -> dict[str, str]:
    packet = xmp_of(marked).encode()
    start, end = packet.index(b"<x:xmpmeta"), packet.index(b"<?xpacket end")
    return {element.tag: element.text for element in ElementTree.fromstring(packet[start:end]).iter()}


def test_the_packet_is_xml_that_names_source_type_system_and_prompt(png):
    signed = properties(with_credentials(png, MAKING))
    assert signed[f"{IPTC}DigitalSourceType"] == DIGITAL_SOURCE_TYPE
    assert signed[f"{IPTC}AIPromptInformation"] == 'a "red" <cup> & a dog'
    assert "mini" in signed[f"{IPTC}AISystemUsed"]
    assert signed[f"{IPTC}AISystemVersionUsed"] == "ab" * 32
    own = {tag.partition("}")[2]: text for tag, text in signed.items()}
    assert json.loads(own["settings"]) == {"steps": 8, "guidance": None}
    assert (own["seed"], own["sourceSha256"]) == ("3", "cd" * 32)


def test_the_same_colorization_has_the_same_bytes(png):
    assert with_credentials(png, MAKING) == with_credentials(png, MAKING)


def test_pixels_stay_as_they_are(png):
    before, after = (np.asarray(PIL.Image.open(io.BytesIO(content))) for content in (png, with_credentials(png, MAKING)))
    assert (before == after).all()


def test_half_of_a_certificate_is_named_instead_of_signing_nothing(png, monkeypatch, tmp_path):
    monkeypatch.setenv(CERTIFICATE, str(tmp_path / "chain.pem"))
    with pytest.raises(MissingPartError, match=KEY):
        with_credentials(png, MAKING)
    monkeypatch.setenv(KEY, str(tmp_path / "key.pem"))
    with pytest.raises(MissingPartError, match=r"chain\.pem"):
        with_credentials(png, MAKING)


def test_a_signed_colorization_is_valid_until_a_pixel_changes(png, certificate):
    c2pa = pytest.importorskip("c2pa")
    signed = with_credentials(png, MAKING)
    read = json.loads(c2pa.Reader("image/png", io.BytesIO(signed)).json())
    (manifest,) = read["manifests"].values()
    (action,) = manifest["assertions"][0]["data"]["actions"]
    assert read["validation_state"] == "Valid"  # whole; its certificate is one of this test, which nobody trusts
    assert action["digitalSourceType"] == DIGITAL_SOURCE_TYPE
    assert action["parameters"]["caption"] == MAKING.caption
    assert xmp_of(signed) is not None
    at = signed.index(b"IDAT") + 20
    changed = signed[:at] + bytes([signed[at] ^ 1]) + signed[at + 1 :]
    assert json.loads(c2pa.Reader("image/png", io.BytesIO(changed)).json())["validation_state"] == "Invalid"


@pytest.fixture
def certificate(tmp_path, monkeypatch):
    """A chain of a root and a signing certificate, and its key, named in the environment."""
    pytest.importorskip("cryptography")
    from tests.workbench.colorizations.certificates import write_chain

    write_chain(tmp_path / "chain.pem", tmp_path / "key.pem")
    monkeypatch.setenv(CERTIFICATE, str(tmp_path / "chain.pem"))
    monkeypatch.setenv(KEY, str(tmp_path / "key.pem"))
