"""The secret that signs curators' visits: random, kept in the store's home for its owner alone, renewed every month.

A visit outlives one renewal, and ends with a change of the password.
"""

import hashlib
import hmac
import json
import os
import secrets
import time
from pathlib import Path
from typing import Any

from workbench.store import atomic_file

__all__ = ["is_signed", "signed"]

RENEWED_SECONDS = 30 * 24 * 3600.0
FILE = "visits.secret"


def signed(home: Path, password: str) -> str:
    """What the browser of a curator who gave the password holds: a random number and its signature."""
    visit = secrets.token_urlsafe(24)
    return f"{visit}.{_signature(_secrets(home)[0], visit, password)}"


def is_signed(home: Path, password: str, held: str) -> bool:
    """Whether a browser holds what `signed` gave for this password, by the present secret or the one before."""
    visit, _, signature = held.partition(".")
    return any(hmac.compare_digest(signature.encode(), _signature(secret, visit, password).encode()) for secret in _secrets(home))


def _signature(secret: str, visit: str, password: str) -> str:
    return hmac.new(secret.encode(), f"{visit}\n{password}".encode(), hashlib.sha256).hexdigest()


def _secrets(home: Path) -> list[str]:
    """The present secret and the one before it, made or renewed where it is time."""
    path = home / FILE
    try:
        kept: dict[str, Any] = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        kept = {"made_at": 0.0, "secrets": []}
    if time.time() - kept["made_at"] > RENEWED_SECONDS:
        kept = {"made_at": time.time(), "secrets": [secrets.token_urlsafe(32), *kept["secrets"]][:2]}
        with atomic_file(path, durable=True) as stream:
            stream.write(json.dumps(kept).encode())
        os.chmod(path, 0o600)
    return kept["secrets"]
