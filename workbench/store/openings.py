"""Work that is done in many short transactions, so that nobody waits long: who does it is given a way to open one."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext

from sqlalchemy.orm import Session

__all__ = ["Opening", "within"]

Opening = Callable[[], AbstractContextManager[Session]]
"""Opens a session in one transaction, which is committed where it ends well."""


def within(session: Session) -> Opening:
    """Opens nothing: all parts of the work belong to the transaction of a session that is open already."""
    return lambda: nullcontext(session)
