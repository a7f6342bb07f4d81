"""The door of a recruitment link: `/r/join/TOKEN?PROLIFIC_PID=…`. Nothing is stored of a visitor before they agree."""

from dataclasses import replace
from typing import Any

from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from db.enums import Outcome, StudyStatus
from db.models import Participant
from workbench.errors import InvalidInputError, WorkbenchError
from workbench.open_store import media_of
from workbench.rating import screening
from workbench.rating.visit import Told, Visit
from workbench.settings import Settings
from workbench.studies import endings, raters, recruitment, rules_of
from workbench.studies.rater_words import refused
from workbench.studies.recruitment import Arrival
from workbench.ui.app.rater_access import COOKIE, is_encrypted, rater_cookie
from workbench.ui.rating.requests import SECURITY, page, reading, refused_page, told

__all__ = ["DECLINED", "routes"]

DECLINED: Told = {"step": "ended", "outcome": "declined", "code": "", "redirect": ""}


async def _page(request: Request) -> Response:
    """The page with the consent; who has a place already is led to it, from any device."""
    try:
        token = await reading(lambda session, _settings: _own_token(session, request))
    except WorkbenchError as error:
        return await refused_page(request.path_params["token"], error)
    if token is not None:
        return RedirectResponse(f"/r/{token}", 303, SECURITY)
    response = await page(request.path_params["token"])
    response.headers.append("Set-Cookie", rater_cookie(f"join/{request.path_params['token']}", secure=is_encrypted(request)))
    return response


def _arrival(session: Session, request: Request) -> Arrival:
    return recruitment.arrive(session, request.path_params["token"], dict(request.query_params))


def _own_token(session: Session, request: Request) -> str | None:
    """The token of the place that this person, or this browser, has; None for a newcomer."""
    arrival = _arrival(session, request)
    if (known := recruitment.invitation_at(session, arrival)) is not None:
        return known[1]
    remembered = request.cookies.get(COOKIE, "")
    if arrival.name is not None or not remembered or "/" in remembered:
        return None
    try:
        invitation, study = raters.place_of(session, remembered)
    except WorkbenchError:
        return None
    participant = session.get(Participant, invitation.id)
    return remembered if study.id == arrival.study.id and participant is not None else None


def _next(session: Session, _settings: Settings, request: Request, _given: dict[str, Any]) -> Told:
    """Consent, or that there is no place: said before anybody has done anything."""
    arrival = _arrival(session, request)
    if (token := _own_token(session, request)) is not None:
        return {"step": "moved", "to": token}
    if not recruitment.has_place(session, arrival):
        return _turned_away(session, arrival)
    rules = rules_of(arrival.study)
    return {"step": "consent", "text": rules.consent, "question": arrival.study.question}


def _turned_away(session: Session, arrival: Arrival) -> Told:
    recruitment.count(session, arrival.link, "turned_away")
    known = dict(arrival.parameters)
    if arrival.name is not None:
        known[rules_of(arrival.study).recruitment.participant] = arrival.name
    ending = endings.ending_without_rater(arrival.study, Outcome.QUOTA_FULL, known)
    closed = arrival.study.status is not StudyStatus.OPEN
    return {"step": "ended", "outcome": Outcome.QUOTA_FULL.value, "code": ending.code, "redirect": ending.redirect, "closed": closed}


def _visit(named: Any) -> str:
    """How a page calls this visit; empty where it says nothing that is random."""
    return named if isinstance(named, str) and recruitment.VISIT.fullmatch(named) else ""


def _consent(session: Session, settings: Settings, request: Request, body: dict[str, Any]) -> Told:
    if body.get("agreed") is not True:
        raise refused(InvalidInputError, "without_consent")
    arrival = replace(_arrival(session, request), visit=_visit(body.get("visit")))
    joined = recruitment.recruit(session, arrival)
    if joined is None:
        return _turned_away(session, arrival)
    invitation, token = joined
    screening.consent(Visit(session, media_of(settings), invitation, arrival.study))
    return {"step": "moved", "to": token}


def _decline(session: Session, _settings: Settings, request: Request, _given: dict[str, Any]) -> Told:
    recruitment.count(session, _arrival(session, request).link, "declined")
    return DECLINED


def routes() -> list[Route]:
    """The routes of the door."""
    return [
        Route("/r/join/{token}", _page),
        Route("/r/join/{token}/next", told(_next)),
        Route("/r/join/{token}/consent", told(_consent), methods=["POST"]),
        Route("/r/join/{token}/decline", told(_decline), methods=["POST"]),
    ]
