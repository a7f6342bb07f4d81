"""Licenses by the names that people write, as addresses (Croissant, COCO) and as the identifiers of dataset hubs."""

import re

__all__ = ["hub_identifiers", "license_link"]

CREATIVE_COMMONS = re.compile(
    r"(?:cc|creative commons)[ _-]*(?P<kind>by(?:[ _-]nc)?(?:[ _-](?:sa|nd))?)(?:[ _-]*v?(?P<version>[1-4]\.[05]))?"
)
LONG_NAMES = {"attribution": "by", "noncommercial": "nc", "non commercial": "nc", "sharealike": "sa", "share alike": "sa",
              "noderivatives": "nd", "noderivs": "nd", "no derivatives": "nd"}  # fmt: skip
PLAIN = {
    "cc0": ("cc0-1.0", "https://creativecommons.org/publicdomain/zero/1.0/"),
    "cc0 1.0": ("cc0-1.0", "https://creativecommons.org/publicdomain/zero/1.0/"),
    "cc0-1.0": ("cc0-1.0", "https://creativecommons.org/publicdomain/zero/1.0/"),
    "public domain": ("", "https://creativecommons.org/publicdomain/mark/1.0/"),
    "mit": ("mit", "https://spdx.org/licenses/MIT.html"),
    "apache-2.0": ("apache-2.0", "https://spdx.org/licenses/Apache-2.0.html"),
    "apache 2.0": ("apache-2.0", "https://spdx.org/licenses/Apache-2.0.html"),
    "bsd-3-clause": ("bsd-3-clause", "https://spdx.org/licenses/BSD-3-Clause.html"),
    "odbl": ("odbl", "https://opendatacommons.org/licenses/odbl/1-0/"),
}
"""By name: a hub's identifier, where it has one, and the address."""
NOT_STATED = "not stated"


def license_link(name: str) -> str:
    """The address of a well-known license; any other as it is stated."""
    identifier, link = _known(name)
    return link or identifier or name


def hub_identifiers(names: list[str]) -> list[str]:
    """The identifiers by which dataset hubs know licenses, each once; `other` for one they do not know, `unknown` for none."""
    identifiers = ["unknown" if name == NOT_STATED else _known(name)[0] or "other" for name in names]
    return list(dict.fromkeys(identifiers)) or ["unknown"]


def _known(name: str) -> tuple[str, str]:
    """A hub's identifier and the address of a license; empty texts for one that is not known."""
    plain = " ".join(name.lower().replace("_", " ").split())
    if plain in PLAIN:
        return PLAIN[plain]
    for long, short in LONG_NAMES.items():
        plain = plain.replace(long, short)
    match = CREATIVE_COMMONS.fullmatch(plain.removesuffix(" license").removesuffix(" international"))
    if match is None:
        return "", ""
    kind = re.sub(r"[ _]", "-", match["kind"])
    if match["version"] is None:
        return "", ""
    return f"cc-{kind}-{match['version']}", f"https://creativecommons.org/licenses/{kind}/{match['version']}/"
