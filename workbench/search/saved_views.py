"""Saved views: queries of the grammar under a name."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.models import SavedView
from workbench.errors import InvalidInputError, NotFoundError
from workbench.search.grammar import parse
from workbench.store import events


def save(session: Session, name: str, query: str, *, actor: str) -> SavedView:
    """Keep a query under a name; a view of that name takes the new query. Raises InvalidInputError for what cannot be read."""
    name = name.strip()
    if not name:
        raise InvalidInputError("Say under what name the view is kept.")
    parse(query)
    view = session.scalar(select(SavedView).where(SavedView.name == name))
    if view is None:
        view = SavedView(name=name, query=query, author=actor)
        session.add(view)
        session.flush()
        after = events.snapshot(session, "saved_view", view.id)
        events.record(session, actor=actor, action="save", subject="saved_view", subject_id=view.id, before=None, after=after)
        return view
    before = events.snapshot(session, "saved_view", view.id)
    view.query = query
    events.record_edit(session, before, actor=actor, action="save", subject="saved_view", subject_id=view.id)
    return view


def listing(session: Session) -> list[SavedView]:
    """All views by their names."""
    return list(session.scalars(select(SavedView).order_by(SavedView.name)))


def get(session: Session, name: str) -> SavedView:
    """The view of a name; raises NotFoundError."""
    view = session.scalar(select(SavedView).where(SavedView.name == name))
    if view is None:
        known = ", ".join(f'"{view.name}"' for view in listing(session)) or "none yet"
        raise NotFoundError(f'There is no saved view "{name}"; there are: {known}.')
    return view


def remove(session: Session, name: str, *, actor: str) -> None:
    """Forget a view; raises NotFoundError."""
    view = get(session, name)
    before = events.snapshot(session, "saved_view", view.id)
    events.record(session, actor=actor, action="remove", subject="saved_view", subject_id=view.id, before=before, after=None)
    session.delete(view)
    session.flush()
