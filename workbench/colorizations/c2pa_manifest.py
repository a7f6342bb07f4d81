"""C2PA manifests: a signed statement in the file of who colored a picture with what, that breaks when its pixels are changed.

It needs the package c2pa-python and a certificate of the machine's owner: $WORKBENCH_C2PA_CERTIFICATE names the file with the chain of
certificates (PEM, the signing one first), $WORKBENCH_C2PA_KEY its private key (PEM), $WORKBENCH_C2PA_ALGORITHM the signature's kind
(es256 by default), $WORKBENCH_C2PA_TIMESTAMP the address of a time-stamping service (none by default).
"""

import io
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workbench.colorizations.credentials import DIGITAL_SOURCE_TYPE, DISTRIBUTION, SOFTWARE, Making
from workbench.errors import MissingPartError

CERTIFICATE, KEY = "WORKBENCH_C2PA_CERTIFICATE", "WORKBENCH_C2PA_KEY"
ALGORITHM, TIMESTAMP = "WORKBENCH_C2PA_ALGORITHM", "WORKBENCH_C2PA_TIMESTAMP"
ALGORITHMS = ("es256", "es384", "es512", "ps256", "ps384", "ps512", "ed25519")


@dataclass(frozen=True)
class SigningFiles:
    """A certificate's chain and its key, as PEM, with the signature's kind and a time-stamping service ("" for none)."""

    certificates: bytes
    key: bytes
    algorithm: str
    timestamp: str


def signer_named() -> SigningFiles | None:
    """What the environment names for signing; None where it names nothing.

    Raises MissingPartError where only a part is named, a file cannot be read or the algorithm is not known.
    """
    named = {name: os.environ.get(name, "") for name in (CERTIFICATE, KEY)}
    if not any(named.values()):
        return None
    for name, path in named.items():
        if not path:
            raise MissingPartError(f"Signing needs ${name} as well: it names the file beside the other one.")
    algorithm = os.environ.get(ALGORITHM) or "es256"
    if algorithm not in ALGORITHMS:
        raise MissingPartError(f"${ALGORITHM} is {algorithm}; it can be {', '.join(ALGORITHMS)}.")
    try:
        certificates, key = (Path(path).expanduser().read_bytes() for path in named.values())
    except OSError as error:
        raise MissingPartError(f"Colorizations cannot be signed: {error}. Mend ${CERTIFICATE} and ${KEY}, or unset both.") from None
    return SigningFiles(certificates, key, algorithm, os.environ.get(TIMESTAMP, ""))


def manifest_of(making: Making) -> dict[str, Any]:
    """The manifest of a colorization: created as a composite with a trained model's colors, by which software, and how."""
    how = {
        "action": "c2pa.created",
        "digitalSourceType": DIGITAL_SOURCE_TYPE,
        "softwareAgent": {"name": SOFTWARE},
        "parameters": {
            "checkpoint": making.checkpoint,
            "checkpoint_digest": making.digest,
            "caption": making.caption,
            "seed": making.seed,
            "settings": dict(making.settings),
            "source_sha256": making.source_sha256,
        },
    }
    name, _, version = SOFTWARE.partition(" ")
    return {
        "claim_generator_info": [{"name": name or DISTRIBUTION, "version": version or "0"}],
        "title": "Colorization",
        "format": "image/png",
        "assertions": [{"label": "c2pa.actions", "data": {"actions": [how]}}],
    }


def signed(png: bytes, making: Making, files: SigningFiles) -> bytes:
    """A PNG file with a signed manifest. Raises MissingPartError where c2pa-python is not installed or refuses the certificate."""
    try:
        import c2pa  # only here: few sign, and it loads a large library
    except ImportError:
        raise MissingPartError("Signing needs the credentials extra: pip install 'lcad-workbench[credentials]'.") from None
    out = io.BytesIO()
    try:
        options = {"alg": files.algorithm.encode(), "sign_cert": files.certificates, "private_key": files.key}
        info = c2pa.C2paSignerInfo(**options, ta_url=files.timestamp.encode() or None)
        with c2pa.Signer.from_info(info) as signer, c2pa.Builder(json.dumps(manifest_of(making))) as builder:
            builder.sign(signer, "image/png", io.BytesIO(png), out)
    except c2pa.C2paError as error:
        raise MissingPartError(f"The colorization cannot be signed with ${CERTIFICATE}: {error}") from None
    return out.getvalue()
