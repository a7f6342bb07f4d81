"""A worker keeps some room on the disk, and gives it back where there is none, so that the run can say so."""

import errno
import shutil
from types import SimpleNamespace

from db.enums import RunStatus
from pipelines.worker import disk_reserve, engine
from pipelines.worker.job import Plan


def test_the_room_is_reserved_once_and_given_back(tmp_path):
    disk_reserve.keep(tmp_path)
    place = tmp_path / disk_reserve.NAME
    assert place.stat().st_blocks * 512 >= disk_reserve.BYTES
    before = place.stat().st_ino
    disk_reserve.keep(tmp_path)
    assert place.stat().st_ino == before
    disk_reserve.release(tmp_path)
    disk_reserve.release(tmp_path)
    assert not place.exists()


def test_where_there_is_little_room_none_is_taken(tmp_path, monkeypatch):
    usage = shutil.disk_usage(tmp_path)._replace(free=disk_reserve.LEAST_FREE - 1)
    monkeypatch.setattr(disk_reserve.shutil, "disk_usage", lambda _place: usage)
    disk_reserve.keep(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_run_that_finds_the_disk_full_has_the_reserve_to_say_so_with(store, carry_out, monkeypatch):
    home, room_to_fail_in = store.settings.home, []

    def step(_context, _batch):
        raise OSError(errno.ENOSPC, "No space left on device", "/somewhere/secret")

    fail = engine._fail

    def noticed(context, message):
        room_to_fail_in.append(not (home / disk_reserve.NAME).exists())
        return fail(context, message)

    monkeypatch.setattr(engine, "_fail", noticed)
    monkeypatch.setattr(engine, "load_job", lambda _name: SimpleNamespace(plan=lambda _context: Plan([0], 1), step=step))
    disk_reserve.keep(home)
    run = carry_out("thumbnails")
    assert (run.status, run.message) == (RunStatus.FAILED, engine.NO_SPACE)
    assert room_to_fail_in == [True]
