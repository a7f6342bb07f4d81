"""The raters' own plain page: `/r/TOKEN`, its small JSON, and its pictures. No part of it knows Streamlit.

A rating is answered only when it is committed, and the answer brings the next trial along. Writers take turns in this process before
they take turns at the database: a queue is fairer, and quicker, than many that wait for a lock.
"""

from collections.abc import Callable
from importlib.resources import files
from typing import Any

from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from db.models import Invitation, Study
from workbench.errors import InvalidInputError, WorkbenchError
from workbench.open_store import media_of
from workbench.rating import blinded_images, questionnaire, rater_session, screening, vision_tests
from workbench.rating.blinded_images import DamagedPictureError
from workbench.rating.visit import Told, Visit
from workbench.settings import Settings
from workbench.studies import raters
from workbench.studies.rater_words import refused
from workbench.ui.app.rater_access import is_encrypted, rater_cookie, refusal
from workbench.ui.rating import joining
from workbench.ui.rating.requests import SECURITY, asset, page, reading, refused_page, told

PICTURE = SECURITY | {"Cache-Control": "private, max-age=3600, immutable"}
"""Nothing of a file: no date, no size on disk, no name."""
PARTS = {"css": "text/css", "js": "text/javascript"}

Action = Callable[[Visit, dict[str, Any]], Told]


async def _page(request: Request) -> Response:
    """The page itself, in the study's language; a link that opens nothing gets a sentence instead."""
    token = request.path_params["token"]
    try:
        own = await reading(lambda session, _settings: _comes_in(session, token), token)
    except WorkbenchError as error:
        return await refused_page(token, error)
    response = await page(token)
    if not own:
        response.headers.append("Set-Cookie", rater_cookie(token, secure=is_encrypted(request)))
    return response


def _comes_in(session: Session, token: str) -> bool:
    """Whether the link is a curator's own, whose browser goes on to the other pages; raises NotAllowedError."""
    invitation, _study = raters.place_of(session, token)
    if invitation.outcome is None or invitation.revoked_at is not None:
        raters.check_invitation(invitation)
    return invitation.is_curator or invitation.cohort.startswith(raters.CURATOR)


def _part(request: Request) -> Response:
    name = request.path_params["name"]
    if name.rpartition(".")[2] not in PARTS or not files("workbench.rating.page").joinpath(name).is_file():
        return refusal("There is no such part of this page.", 404)
    return Response(asset(name), media_type=PARTS[name.rpartition(".")[2]], headers=SECURITY | {"Cache-Control": "no-cache"})


def _by_rater(action: Action) -> Callable:
    """An endpoint of a rater who is known by the token; whose part has ended is told so, whatever they ask for."""

    def act(session: Session, settings: Settings, request: Request, body: dict[str, Any]) -> Told:
        invitation, study = raters.place_of(session, request.path_params["token"], locked=True)
        visit = Visit(session, media_of(settings), invitation, study)
        if invitation.revoked_at is None and rater_session.has_ended(visit):
            return rater_session.told_ending(visit)
        raters.check_invitation(invitation)
        return action(visit, body)

    return told(act)


def _next(visit: Visit, _given: dict[str, Any]) -> Told:
    return rater_session.next_step(visit)


def _consent(visit: Visit, body: dict[str, Any]) -> Told:
    if body.get("agreed") is not True:
        raise refused(InvalidInputError, "without_consent")
    screening.consent(visit)
    return rater_session.next_step(visit)


def _decline(visit: Visit, _given: dict[str, Any]) -> Told:
    """Who has agreed has something to withdraw: it is not said of them that nothing is stored."""
    return joining.DECLINED if visit.invitation.consented_at is None else rater_session.next_step(visit)


def _display(visit: Visit, body: dict[str, Any]) -> Told:
    screening.check_display(visit, body)
    return rater_session.next_step(visit)


def _vision(visit: Visit, body: dict[str, Any]) -> Told:
    screening.check_vision(visit, body.get("answers"))
    return rater_session.next_step(visit)


def _questionnaire(visit: Visit, submitted: dict[str, Any]) -> Told:
    questionnaire.keep(visit, submitted.get("part"), submitted.get("answers"))
    return rater_session.next_step(visit)


def _vote(visit: Visit, body: dict[str, Any]) -> Told:
    return rater_session.vote(visit, body)


def _back(visit: Visit, _given: dict[str, Any]) -> Told:
    return rater_session.back(visit)


def _broken(visit: Visit, body: dict[str, Any]) -> Told:
    return rater_session.report_broken(visit, body.get("trial"))


def _withdraw(visit: Visit, body: dict[str, Any]) -> Told:
    if body.get("sure") is not True:
        raise InvalidInputError("Say that you are sure: it cannot be taken back.")
    return rater_session.withdraw(visit)


def _picture(draw: Callable[[Session, Settings, Invitation, str], bytes | None]) -> Callable:
    """An endpoint of pictures: PNG for the rater whose it is."""

    async def endpoint(request: Request) -> Response:
        token, name = request.path_params["token"], request.path_params["name"]
        try:
            content = await reading(lambda session, settings: draw(session, settings, raters.authenticate(session, token), name), token)
        except DamagedPictureError:
            return refusal("This picture is damaged.", 422)
        except WorkbenchError as error:
            return refusal(str(error))
        if content is None:
            return refusal("This picture is not part of a trial that is before you.", 404)
        return Response(content, media_type="image/png", headers=PICTURE)

    return endpoint


def _see(session: Session, settings: Settings, invitation: Invitation, name: str) -> bytes | None:
    pictures, study = media_of(settings), session.get_one(Study, invitation.study_id)
    shown = blinded_images.find(session, pictures, study, invitation.rater_id, invitation.token_hash, name)
    return blinded_images.draw(settings, pictures, shown) if shown else None


def _plate(session: Session, _settings: Settings, invitation: Invitation, name: str) -> bytes | None:
    shown = vision_tests.plates_of(screening.plate_set(session.get_one(Study, invitation.study_id), invitation))
    return vision_tests.draw_plate(shown[int(name)]) if name.isdecimal() and int(name) < len(shown) else None


def _field(session: Session, _settings: Settings, invitation: Invitation, name: str) -> bytes | None:
    if name not in vision_tests.FIELDS:
        return None
    return vision_tests.draw_field(name, screening.plate_set(session.get_one(Study, invitation.study_id), invitation))


def routes() -> list[Route]:
    """The routes of the front; where there is none, beside Streamlit's own."""
    steps = {
        "consent": _consent, "decline": _decline, "display": _display, "vision": _vision,
        "questionnaire": _questionnaire, "vote": _vote, "back": _back, "broken": _broken, "withdraw": _withdraw,
    }  # fmt: skip
    pictures = {"see": _see, "plate": _plate, "field": _field}
    return [
        Route("/r/page/{name}", _part),
        Route("/r/join/page/{name}", _part),
        *joining.routes(),
        Route("/r/{token}", _page),
        Route("/r/{token}/next", _by_rater(_next)),
        *(Route(f"/r/{{token}}/{name}", _by_rater(action), methods=["POST"]) for name, action in steps.items()),
        *(Route(f"/r/{{token}}/{name}/{{name}}", _picture(draw)) for name, draw in pictures.items()),
    ]
