"""`workbench up` prints the address once the app answers, fills an empty store, and takes its children with it."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest
from sqlalchemy import func, select

from db.models import Image, Run
from pipelines.commands.up_serve import fill_with_demo
from workbench import runs

SECONDS = 240


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


@pytest.fixture
def up(tmp_path):
    """Start `workbench` in a process of its own: up("serve", …) -> Popen; it is stopped at the end."""
    started = []

    def start(*arguments: object) -> subprocess.Popen:
        command = [sys.executable, "-m", "pipelines", *map(str, arguments), "--home", str(tmp_path / "home")]
        child = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True)
        started.append(child)
        return child

    yield start
    for child in started:
        if child.poll() is None:
            child.terminate()
        child.communicate(timeout=SECONDS)


@dataclass(frozen=True)
class Served:
    """An app that is up: the process of `workbench serve`, its port, and the file of its messages."""

    pid: int
    port: int
    messages: Path


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    """One app for the tests after which it is up as before."""
    folder, port = tmp_path_factory.mktemp("served"), free_port()
    command = [sys.executable, "-m", "pipelines", "serve", "--port", str(port), "--home", str(folder / "home")]
    with (folder / "messages").open("w") as messages:
        child = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=messages, text=True, start_new_session=True)
    assert f"http://127.0.0.1:{port}" in child.stdout.readline()
    yield Served(child.pid, port, folder / "messages")
    child.terminate()
    child.communicate(timeout=SECONDS)


def children_of(pid: int) -> list[int]:
    return [child.pid for child in psutil.Process(pid).children()]


def process_of(pid: int, room: str) -> int:
    """Of the processes of an app the one that is `python -m ROOM`."""
    (found,) = (child.pid for child in psutil.Process(pid).children() if room in child.cmdline())
    return found


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def wait_until(condition, what: str):
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        if outcome := condition():
            return outcome
        time.sleep(0.1)
    raise AssertionError(f"waited {SECONDS} s for {what}")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.slow
def test_serve_prints_the_address_when_the_app_answers_and_stops_it_on_a_signal(up, number):
    port = free_port()
    child = up("serve", "--port", port)
    line = child.stdout.readline()
    assert f"http://127.0.0.1:{port}" in line
    with urllib.request.urlopen(f"http://127.0.0.1:{port}", timeout=10) as answer:
        assert answer.status == 200
    front, pages = children_of(child.pid)
    child.send_signal(number)
    assert child.wait(SECONDS) == 0
    assert not alive(front)
    assert not alive(pages)


@pytest.mark.slow
def test_what_was_served_ends_with_the_command_that_was_killed(up):
    child = up("serve", "--port", free_port())
    child.stdout.readline()
    served = children_of(child.pid)
    child.kill()
    wait_until(lambda: not any(map(alive, served)), "both processes to end")


@pytest.mark.parametrize(("room", "name"), [("workbench.ui.front", "The front"), ("workbench.ui.app", "The curators' pages")])
@pytest.mark.slow
def test_a_process_of_the_app_that_was_killed_is_started_again_and_the_other_one_goes_on(served, room, name):
    before, killed = set(children_of(served.pid)), process_of(served.pid, room)
    os.kill(killed, signal.SIGKILL)

    def answers_again() -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{served.port}/healthz", timeout=5) as answer:
                return answer.status == 200 and killed not in children_of(served.pid)
        except OSError:
            return False

    wait_until(answers_again, "another process in its place")
    assert before - {killed} < set(children_of(served.pid))
    assert f"{name} ended with status -9; it is started again in 1 s." in served.messages.read_text()


@pytest.mark.slow
def test_raters_are_answered_while_curators_pages_are_away(served):
    pages = process_of(served.pid, "workbench.ui.app")
    os.kill(pages, signal.SIGSTOP)  # as one that draws and draws
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{served.port}/r/page/page.css", timeout=SECONDS) as answer:
            assert answer.status == 200
    finally:
        os.kill(pages, signal.SIGCONT)


@pytest.mark.slow
def test_up_runs_a_worker_that_fills_the_store_and_replaces_it_when_it_is_killed(up, tmp_path):
    from workbench.open_store import open_store
    from workbench.settings import read_settings

    port = free_port()
    child = up("up", "--port", port)
    assert f"http://127.0.0.1:{port}" in child.stdout.readline()
    store = open_store(read_settings(tmp_path / "home"))

    def the_worker():
        with store.reading() as session:
            return next(iter(runs.workers(session)), None)

    first = wait_until(the_worker, "the worker")
    assert first.pid in children_of(child.pid)
    niceness = {pid: psutil.Process(pid).nice() for pid in children_of(child.pid)}
    assert niceness.pop(first.pid) > max(niceness.values())
    os.kill(first.pid, signal.SIGKILL)

    def another():
        worker = the_worker()
        return worker if worker and worker.pid != first.pid else None

    second = wait_until(another, "another worker in its place")
    assert second.executor == first.executor

    def filled() -> int:
        with store.reading() as session:
            return session.scalar(select(func.count(Image.id)))

    wait_until(filled, "images of the demo")
    child.terminate()
    assert child.wait(SECONDS) == 0
    assert not alive(second.pid)
    with store.reading() as session:
        assert runs.workers(session) == []
    store.close()


def test_a_port_in_use_is_refused_with_what_to_do(workbench, store):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        answer = workbench("serve", "--port", taken.getsockname()[1], "--home", store.settings.home)
    assert answer.status == 1
    assert "choose another one with --port" in answer.messages


def test_the_demo_is_asked_for_once_and_never_in_a_store_that_has_images(store):
    assert fill_with_demo(store)
    assert not fill_with_demo(store)
    with store.reading() as session:
        assert session.scalar(select(func.count(Run.id))) == 1


def test_a_store_with_images_is_not_filled(store, library):
    library(1)
    assert not fill_with_demo(store)
