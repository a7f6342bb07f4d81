"""A pytest plugin: `s3_url`, an empty bucket of a server that speaks S3 over HTTP (moto's), for one test."""

import logging
import uuid
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

KEYS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_DEFAULT_REGION": "us-east-1"}
"""What an S3 client wants to know; the server takes any."""


@contextmanager
def serving(address: str = "127.0.0.1") -> Iterator[str]:
    """A server on an address of this machine; its own address."""
    from moto.server import ThreadedMotoServer  # here: most runs of the tests need none

    logging.getLogger("werkzeug").setLevel(logging.ERROR)  # a line for each request
    server = ThreadedMotoServer(ip_address=address, port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture(scope="session")
def s3_server() -> Iterator[str]:
    """The server's address."""
    with serving() as address:
        yield address


@pytest.fixture
def s3_url(s3_server, monkeypatch) -> str:
    """`s3://BUCKET/media` of a new bucket; the environment says where the server is, as a person's would."""
    import boto3

    for name, value in (KEYS | {"AWS_ENDPOINT_URL": s3_server}).items():
        monkeypatch.setenv(name, value)
    bucket = f"test-{uuid.uuid4().hex}"
    boto3.client("s3").create_bucket(Bucket=bucket)
    return f"s3://{bucket}/media"
