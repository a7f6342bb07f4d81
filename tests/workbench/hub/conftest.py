"""What tests of hubs start from: a store with a release, and a hub on this machine."""

import threading
import time

import pytest
import uvicorn

from db.session import transaction
from tests.stores import opened, release_of_twelve
from tests.workbench.hub.fake_hub import TOKEN, FakeHub
from workbench.open_store import open_store
from workbench.settings import read_settings


@pytest.fixture(scope="module")
def released(tmp_path_factory):
    """A store with the release `set` 1.0.0 of twelve items, open."""
    home = tmp_path_factory.mktemp("released") / "home"
    with opened(home) as (engines, media), transaction(engines.writer) as session:
        release_of_twelve(session, media)
    store = open_store(read_settings(home))
    yield store
    store.close()


@pytest.fixture
def fake_hub(monkeypatch):
    """A hub that HF_ENDPOINT names, and a token that it takes."""
    hub = FakeHub()
    server = uvicorn.Server(uvicorn.Config(hub.app(), host="127.0.0.1", port=0, log_level="warning"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    monkeypatch.setenv("HF_ENDPOINT", f"http://127.0.0.1:{port}")
    monkeypatch.setenv("HF_TOKEN", TOKEN)
    yield hub
    server.should_exit = True
    thread.join(10)
