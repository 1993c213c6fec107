"""The bucket, where what a function has to do with an object comes too late."""

import pytest
from functions import aws
from s3 import BUCKET, Aws

from aws.bucket import Bucket, Gone, Place

pytestmark = pytest.mark.aws


@pytest.fixture
def bucket(aws: Aws, monkeypatch: pytest.MonkeyPatch) -> Bucket:
    for name, value in aws.environ.items():
        monkeypatch.setenv(name, value)
    return Bucket(BUCKET, 1000, 900)


@pytest.mark.parametrize("version", ["4bf9b4a5-1f4d-4a10-9c3a-8b1b1d0b8f4e", None])
def test_object_that_is_gone_is_told_from_failures_and_gets_no_tag(bucket: Bucket, version: str | None) -> None:
    place = Place(BUCKET, "incoming/jobs/never.csv", version, "d41d8cd98f00b204e9800998ecf8427e")

    bucket.tag(place, status="finished")
    with pytest.raises(Gone):
        bucket.get(place)


def test_object_of_an_unversioned_bucket_is_gone_once_it_is_overwritten(bucket: Bucket, aws: Aws) -> None:
    old = aws.s3.put_object(Bucket=BUCKET, Key="incoming/jobs/etag.csv", Body=b"1,a\n")["ETag"].strip('"')
    place = Place(BUCKET, "incoming/jobs/etag.csv", None, old)

    assert b"".join(bucket.get(place).chunks) == b"1,a\n"
    aws.s3.put_object(Bucket=BUCKET, Key="incoming/jobs/etag.csv", Body=b"2,b\n")

    with pytest.raises(Gone):
        bucket.get(place)
