"""People sign in through an identity provider, see and change what their role may, and nothing is served to strangers."""

import re
import urllib.error
import urllib.request
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from db.enums import Role
from db.models import Event, Image
from tests.e2e.serving import DESKTOP, MOST, free_port, served
from tests.stores import reading, writing
from workbench import access
from workbench.ui.app.media_routes import thumb_url

with warnings.catch_warnings(action="ignore"):
    from oidc_provider_mock import User, run_server_in_thread

pytestmark = [pytest.mark.browser, pytest.mark.slow]

ADMIN, VIEWER, STRANGER = "ann@example.org", "bob@example.org", "carol@example.org"
PEOPLE = (
    User(sub="ann", claims={"email": "Ann@Example.org", "email_verified": True}),
    User(sub="bob", claims={"email": VIEWER, "email_verified": True}),
    User(sub="carol", claims={"email": STRANGER, "email_verified": True}),
    User(sub="mallory", claims={"email": ADMIN, "email_verified": False}),
)
SECRETS = """[auth]
redirect_uri = "http://127.0.0.1:{port}/oauth2callback"
cookie_secret = "a-secret-of-this-test-alone-0123456789"
client_id = "workbench"
client_secret = "known-to-the-provider"
server_metadata_url = "http://localhost:{provider}/.well-known/openid-configuration"
"""


@pytest.fixture(scope="module")
def address(store) -> Iterator[str]:
    """The app over the store, before a provider that knows four people."""
    port = free_port()
    with run_server_in_thread(user_claims=PEOPLE) as provider:
        (store.home / "secrets.toml").write_text(SECRETS.format(port=port, provider=provider.server_port))
        with served(store.home, port, WORKBENCH_AUTH="oidc", WORKBENCH_ADMINS=ADMIN) as address:
            yield address


@pytest.fixture
def somebody(browser, address):
    """Call for a browser in which somebody has signed in: somebody("ann") -> its page."""
    contexts = []

    def sign_in(sub: str | None) -> Page:
        context = browser.new_context(viewport=DESKTOP)
        context.route(re.compile("jsdelivr"), lambda route: route.abort())  # the provider's own looks
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(MOST)
        page.goto(address)
        if sub is not None:
            page.get_by_role("button", name="Sign in").click()
            page.get_by_role("button", name=sub, exact=True).click()
            page.wait_for_url(f"{address}/**")
        return page

    yield sign_in
    for context in contexts:
        context.close()


def status_of(page: Page, address: str) -> int:
    return page.request.get(address).status


def a_picture(store) -> str:
    with reading(store) as session:
        return thumb_url(session.scalar(select(Image.upright_key).limit(1)))


def status_without_a_browser(url: str) -> int:
    try:
        with urllib.request.urlopen(url) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code


@contextmanager
def the_role(store, name: str, role: Role):
    with writing(store) as session:
        access.grant(session, name, role, actor="root")
    yield
    with writing(store) as session:
        if access.role_of(session, name):
            access.revoke(session, name, actor="root")


def test_a_stranger_is_asked_to_sign_in_and_served_nothing_else(address, store, somebody):
    page = somebody(None)
    expect(page.get_by_text("Sign in to go on.")).to_be_visible()
    page.goto(f"{address}/library")
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()
    assert page.get_by_text("Library").count() == 0
    picture = a_picture(store)
    for path in (picture, "/media/0000.png", "/_stcore/upload_file/a/b", "/_stcore/metrics", "/_stcore/agent/openapi.json", "/component/x"):
        assert status_without_a_browser(f"{address}{path}") == 403, path
    assert status_without_a_browser(f"{address}/r/no-such-token") == 403  # the raters' own refusal
    assert status_without_a_browser(f"{address}/healthz") in (200, 503)


def test_the_first_admin_signs_in_sees_pictures_and_grants_a_role(address, store, somebody):
    page = somebody("ann")
    expect(page.get_by_text(f"{ADMIN}, admin")).to_be_visible()
    assert status_of(page, f"{address}{a_picture(store)}") == 200
    page.goto(f"{address}/settings")
    page.get_by_role("textbox", name="E-mail").fill(VIEWER)
    page.get_by_role("button", name="Grant", exact=True).click()
    expect(page.get_by_text(f"{VIEWER}: viewer")).to_be_visible()
    with writing(store) as session:
        assert access.listing(session) == {VIEWER: Role.VIEWER}
        assert session.scalar(select(Event.actor).where(Event.subject == "person")) == ADMIN
        access.revoke(session, VIEWER, actor="root")


def test_a_viewer_looks_changes_nothing_and_is_out_once_the_role_is_taken_away(address, store, somebody):
    with the_role(store, VIEWER, Role.VIEWER):
        page = somebody("bob")
        expect(page.get_by_text(f"{VIEWER}, viewer")).to_be_visible()
        assert status_of(page, f"{address}{a_picture(store)}") == 200
        page.goto(f"{address}/settings")
        page.get_by_text("Vision-language model", exact=True).click()
        page.get_by_role("textbox", name="Base address").fill("http://localhost:1/v1")
        page.get_by_role("textbox", name="Model", exact=True).fill("some")
        page.get_by_role("button", name="Save").click()
        expect(page.get_by_text("You may look at this project but not change it: ask an admin for the role of admin.")).to_be_visible()
        with writing(store) as session:
            access.revoke(session, VIEWER, actor="root")
        page.get_by_role("link", name="Library").click()
        expect(page.get_by_text(f"You are signed in as {VIEWER}, who has no role in this project yet")).to_be_visible()
        assert status_of(page, f"{address}{a_picture(store)}") == 403


def test_who_has_no_role_sees_whom_to_ask_and_can_sign_out(address, store, somebody):
    page = somebody("carol")
    expect(page.get_by_text(f"You are signed in as {STRANGER}, who has no role in this project yet: ask an admin for one.")).to_be_visible()
    assert status_of(page, f"{address}{a_picture(store)}") == 403
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url(re.compile(r"^http://localhost:"))  # the provider ends its own session, too
    page.goto(address)
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()


def test_an_unverified_address_is_nobodys(address, store, somebody):
    page = somebody("mallory")
    expect(page.get_by_text("Your identity provider has not verified your e-mail address")).to_be_visible()
    assert status_of(page, f"{address}{a_picture(store)}") == 403


def test_a_forged_cookie_opens_nothing(address, store, somebody):
    page = somebody(None)
    claims = '{"is_logged_in": true, "email": "ann@example.org"}'
    page.context.add_cookies([{"name": "_streamlit_user", "value": claims.encode().hex(), "url": address}])
    assert status_of(page, f"{address}{a_picture(store)}") == 403


def test_a_rater_needs_no_account(address, store, somebody, browser):
    context = browser.new_context(viewport=DESKTOP)
    page = context.new_page()
    page.goto(f"{address}/r/{store.tokens[0]}")
    expect(page.locator("main")).not_to_contain_text("Sign in")
    assert status_of(page, f"{address}{a_picture(store)}") == 403
    context.close()
