"""What a colorization says of itself: that a model made its colors, which one, and how.

Every picture that is written carries an XMP packet with the terms of the IPTC photo metadata standard (2025.1): the digital source type
"composite with trained algorithmic media", for its lightness is the photo's and its colors are a model's; the system and its version;
the caption as the prompt. What only this program knows of its settings stands in a namespace of its own. The packet holds no date, so
the same colorization has the same bytes.

Where a certificate is given, a C2PA manifest is added (`workbench.colorizations.c2pa_manifest`).
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from workbench.imaging.xmp import COLORIZATION_NAMESPACE, with_xmp

DIGITAL_SOURCE_TYPE = "http://cv.iptc.org/newscodes/digitalsourcetype/compositeWithTrainedAlgorithmicMedia"
DISTRIBUTION = "lcad-workbench"


def _software() -> str:
    try:
        return f"{DISTRIBUTION} {version(DISTRIBUTION)}"
    except PackageNotFoundError:  # run from a folder that was never installed
        return DISTRIBUTION


SOFTWARE = _software()


@dataclass(frozen=True)
class Making:
    """How a colorization was made.

    checkpoint, digest  the name of the weights, and the SHA-256 over them (`workbench.colorizations.checkpoints.folder_digest`)
    settings            what was chosen for the sampling; None stands for the checkpoint's own
    source_sha256       of the photo's file
    """

    checkpoint: str
    digest: str
    caption: str
    seed: int
    settings: Mapping[str, Any] = field(default_factory=dict)
    source_sha256: str = ""


def packet_of(making: Making) -> str:
    """The XMP packet of a colorization."""
    own = {
        "checkpoint": making.checkpoint,
        "checkpointDigest": making.digest,
        "seed": str(making.seed),
        "settings": json.dumps(dict(making.settings), sort_keys=True, ensure_ascii=False),
        "sourceSha256": making.source_sha256,
    }
    rows = [
        ("xmp:CreatorTool", SOFTWARE),
        ("Iptc4xmpExt:DigitalSourceType", DIGITAL_SOURCE_TYPE),
        ("Iptc4xmpExt:AISystemUsed", f"{DISTRIBUTION}, checkpoint {making.checkpoint}"),
        ("Iptc4xmpExt:AISystemVersionUsed", making.digest),
        ("Iptc4xmpExt:AIPromptInformation", making.caption),
        *((f"colorization:{name}", value) for name, value in own.items()),
    ]
    properties = "".join(f"   <{name}>{escape(value)}</{name}>\n" for name, value in rows if value)
    return (
        '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>\n'
        '<x:xmpmeta xmlns:x="adobe:ns:meta/">\n'
        ' <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">\n'
        '  <rdf:Description rdf:about=""\n'
        '    xmlns:xmp="http://ns.adobe.com/xap/1.0/"\n'
        '    xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/"\n'
        f"    xmlns:colorization={quoteattr(COLORIZATION_NAMESPACE)}>\n"
        f"{properties}"
        "  </rdf:Description>\n"
        " </rdf:RDF>\n"
        "</x:xmpmeta>\n"
        '<?xpacket end="r"?>'
    )


def with_credentials(png: bytes, making: Making) -> bytes:
    """A colorization's PNG file that says what it is; its pixels keep their bytes.

    Where $WORKBENCH_C2PA_CERTIFICATE and $WORKBENCH_C2PA_KEY name a certificate and its key, it is signed as well. Raises
    InvalidInputError where `png` is no PNG file, MissingPartError where it cannot be signed though it should be.
    """
    from workbench.colorizations import c2pa_manifest  # only here, for it takes this module's terms

    marked = with_xmp(png, packet_of(making))
    signer = c2pa_manifest.signer_named()
    return marked if signer is None else c2pa_manifest.signed(marked, making, signer)
