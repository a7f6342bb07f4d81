"""Guesses at the curators' password: one at a time from an address, fewer the more of them were wrong, each one logged."""

import logging
import time
from collections import OrderedDict
from dataclasses import dataclass

from starlette.requests import HTTPConnection

__all__ = ["Guesses", "address_of"]

log = logging.getLogger("workbench.door")

FREE = 5
"""Wrong guesses before an address has to wait."""
FIRST_SECONDS, LONGEST_SECONDS = 30.0, 3600.0
FORGOTTEN_SECONDS = 24 * 3600.0
ADDRESSES = 10_000
"""Addresses that are remembered; beyond, the one that was quiet longest is forgotten."""


@dataclass
class _Visitor:
    wrong: int = 0
    last: float = 0.0
    shut_until: float = 0.0
    guessing: bool = False


class Guesses:
    """Who has guessed wrong how often. `begin` says how long an address has to wait (0: it may guess), `end` how the guess went."""

    def __init__(self) -> None:
        self._visitors: OrderedDict[str, _Visitor] = OrderedDict()

    def begin(self, address: str) -> float:
        """Seconds until the address may guess; 0.0 starts a guess, which has to be ended before the next one."""
        moment = time.monotonic()
        visitor = self._visitors.setdefault(address, _Visitor())
        self._visitors.move_to_end(address)
        while len(self._visitors) > ADDRESSES:
            self._visitors.popitem(last=False)
        if moment - visitor.last > FORGOTTEN_SECONDS:
            visitor.wrong = 0
        if moment < visitor.shut_until:
            return visitor.shut_until - moment
        if visitor.guessing:
            return 1.0
        visitor.guessing, visitor.last = True, moment
        return 0.0

    def end(self, address: str, *, right: bool) -> None:
        """Note how a guess went."""
        visitor = self._visitors.setdefault(address, _Visitor())
        visitor.guessing = False
        if right:
            log.info("a curator entered from %s", address)
            del self._visitors[address]
            return
        visitor.wrong += 1
        pause = 0.0 if visitor.wrong < FREE else min(FIRST_SECONDS * 2 ** (visitor.wrong - FREE), LONGEST_SECONDS)
        visitor.shut_until = time.monotonic() + pause
        log.warning("wrong password from %s, for the %d. time; the next guess in %.0f s", address, visitor.wrong, pause)


def address_of(visit: HTTPConnection) -> str:
    """Where a request comes from; of one that a proxy on this machine hands on, the address that the proxy saw."""
    host = visit.client.host if visit.client else ""
    handed_on = visit.headers.get("x-forwarded-for", "")
    return handed_on.rsplit(",", 1)[-1].strip() if handed_on and host in ("127.0.0.1", "::1") else host
