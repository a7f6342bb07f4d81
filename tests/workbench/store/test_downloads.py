"""A download goes on where it stopped, and is in its place only when it is what was expected."""

import hashlib
import http.server
import threading

import pytest

from workbench.errors import ConflictError, InvalidInputError, MissingPartError
from workbench.store.downloads import download

CONTENT = bytes(range(256)) * 4000
DIGEST = hashlib.sha256(CONTENT).hexdigest()


class Server(http.server.BaseHTTPRequestHandler):
    """Serves CONTENT, from the middle where it is asked; cuts the first answer short where `stops_after` says so."""

    ranges: list[str] = []
    stops_after: int | None = None
    takes_ranges = True

    def do_GET(self):
        header = self.headers.get("Range", "") if self.takes_ranges else ""
        self.ranges.append(header)
        start = int(header.removeprefix("bytes=").removesuffix("-")) if header else 0
        self.send_response(206 if header else 200)
        if header:
            self.send_header("Content-Range", f"bytes {start}-{len(CONTENT) - 1}/{len(CONTENT)}")
        self.send_header("Content-Length", str(len(CONTENT) - start))
        self.end_headers()
        end, type(self).stops_after = self.stops_after, None
        self.wfile.write(CONTENT[start:end])

    def log_message(self, *_):
        pass


@pytest.fixture
def address():
    Server.ranges, Server.stops_after, Server.takes_ranges = [], None, True
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Server)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/weights.pth"
    server.shutdown()
    server.server_close()


@pytest.mark.slow
def test_a_whole_download_is_checked_and_told_of(address, tmp_path):
    told = []
    path = download(address, tmp_path / "weights" / "w.pth", len(CONTENT), DIGEST, lambda kept, whole: told.append((kept, whole)))
    assert path.read_bytes() == CONTENT
    assert told[-1] == (len(CONTENT), len(CONTENT))
    assert [p.name for p in path.parent.iterdir()] == ["w.pth"]


@pytest.mark.slow
def test_what_stopped_is_gone_on_with(address, tmp_path):
    Server.stops_after = 300_000
    with pytest.raises(MissingPartError, match="same command goes on"):
        download(address, tmp_path / "w.pth", len(CONTENT), DIGEST)
    assert not (tmp_path / "w.pth").exists()
    assert download(address, tmp_path / "w.pth", len(CONTENT), DIGEST).read_bytes() == CONTENT
    assert Server.ranges == ["", "bytes=300000-"]


@pytest.mark.slow
def test_a_server_that_cannot_begin_in_the_middle_begins_anew(address, tmp_path):
    Server.takes_ranges = False
    (tmp_path / "w.pth.part").write_bytes(b"something else" * 1000)
    assert download(address, tmp_path / "w.pth", len(CONTENT), DIGEST).read_bytes() == CONTENT


@pytest.mark.slow
def test_another_file_than_expected_is_refused_and_removed(address, tmp_path):
    with pytest.raises(InvalidInputError, match="SHA-256"):
        download(address, tmp_path / "w.pth", len(CONTENT), "0" * 64)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_a_file_that_is_there_is_not_fetched_again_and_a_foreign_one_not_overwritten(address, tmp_path):
    (tmp_path / "w.pth").write_bytes(CONTENT)
    download(address, tmp_path / "w.pth", len(CONTENT), DIGEST)
    assert Server.ranges == []
    (tmp_path / "w.pth").write_bytes(b"mine")
    with pytest.raises(ConflictError, match="Move it away"):
        download(address, tmp_path / "w.pth", len(CONTENT), DIGEST)
    assert (tmp_path / "w.pth").read_bytes() == b"mine"


def test_without_a_network_the_address_is_named(tmp_path):
    with pytest.raises(MissingPartError, match=r"127\.0\.0\.1:9/weights"):
        download("http://127.0.0.1:9/weights", tmp_path / "w.pth", 10, DIGEST)
