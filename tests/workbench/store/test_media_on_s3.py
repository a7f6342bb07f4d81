"""Media on a server that speaks S3: what several machines put there, and what becomes of uploads that were cut short."""

import boto3
import pytest

from db.session import transaction
from tests.stores import insert_described
from workbench import releases, upkeep
from workbench.errors import NotFoundError
from workbench.store import MediaStore

pytestmark = pytest.mark.slow

LARGE = bytes(range(256)) * (24 << 12)
"""24 MiB: more than one part of an upload."""


def bucket_of(url: str) -> str:
    return url.removeprefix("s3://").partition("/")[0]


def test_a_file_that_another_machine_put_after_a_listing_is_there(s3_url):
    store = MediaStore(s3_url)
    store.put(b"one", ".png")
    assert len(list(store.listing())) == 1
    key = MediaStore("memory://elsewhere").put(b"two", ".png")
    boto3.client("s3").put_object(Bucket=bucket_of(s3_url), Key=f"media/{key}", Body=b"two")
    assert store.exists(key)
    assert store.read(key) == b"two"
    boto3.client("s3").delete_object(Bucket=bucket_of(s3_url), Key=f"media/{key}")
    assert not store.exists(key)
    with pytest.raises(NotFoundError):
        store.read(key)


def test_a_file_of_several_parts_is_whole_and_appears_at_once(s3_url, tmp_path):
    store = MediaStore(s3_url)
    (tmp_path / "large").write_bytes(LARGE)
    key = store.put_file(tmp_path / "large", ".bin")
    assert store.verify(key)
    assert [(stored.name, stored.size) for stored in store.listing()] == [(key, len(LARGE))]


def test_an_upload_that_was_cut_short_is_nowhere_to_be_seen(s3_url):
    store, client, bucket = MediaStore(s3_url), boto3.client("s3"), bucket_of(s3_url)
    key = MediaStore("memory://elsewhere").put(LARGE, ".bin")
    upload = client.create_multipart_upload(Bucket=bucket, Key=f"media/{key}")["UploadId"]
    client.upload_part(Bucket=bucket, Key=f"media/{key}", UploadId=upload, PartNumber=1, Body=LARGE[: 8 << 20])
    assert not store.exists(key)
    assert list(store.listing()) == []
    store.put(LARGE, ".bin")
    assert store.verify(key)


def test_a_store_is_checked_collected_and_released_there_as_on_a_disk(engines, s3_url):
    media = MediaStore(s3_url)
    with transaction(engines.writer) as session:
        insert_described(session, media, 5)
        release = releases.create(session, media, name="set", author="ada")
        unneeded = media.put(b"nobody's", ".png")
    with transaction(engines.reader) as session:
        assert releases.verify(session, media, release.id) == []
        assert upkeep.damages(session, media) == []
        assert upkeep.collect_garbage(session, media, delete=True, young_seconds=-60).keys == [unneeded]
        assert upkeep.damages(session, media) == []
    boto3.client("s3").put_object(Bucket=bucket_of(s3_url), Key=f"media/{releases.manifest_key(release)}", Body=b"changed")
    with transaction(engines.reader) as session:
        assert [damage.subject for damage in upkeep.damages(session, media)] != []
