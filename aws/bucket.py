"""The bucket: files come in at `incoming/{table}/`, and answers too large for Lambda are fetched at `exports/`."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from typing import IO, Any, NamedTuple
from urllib.parse import quote, unquote, urlsplit
from uuid import uuid4

import boto3
from botocore.client import Config
from botocore.exceptions import ClientError

from handlers.upload_links import Link

INCOMING, EXPORTS = "incoming", "exports"

CHUNK_BYTES = 256 * 1024

OPTION = "x-amz-meta-"
"""What the field of a form is called that gives an object's metadata."""

GONE = {"NoSuchKey", "NoSuchVersion", "PreconditionFailed", "404", "412"}
"""What S3 says of an object that was deleted or overwritten."""


class Gone(Exception):
    """The object was deleted or overwritten since."""


class Place(NamedTuple):
    """One version of an object; where the bucket keeps no versions, its ETag tells it from others."""

    bucket: str
    key: str
    version: str | None
    etag: str

    @property
    def source(self) -> str:
        return f"{source_of(self.bucket, self.key)}?versionId={self.version or self.etag}"


class Incoming(NamedTuple):
    """An object that came in: its bytes to be read, and the options that its metadata has, decoded."""

    chunks: Iterator[bytes]
    size: int
    is_gzip: bool
    options: dict[str, str]


class Bucket:
    """One bucket. Calls raise what botocore raises where S3 fails."""

    def __init__(self, name: str, link_bytes_max: int, link_seconds: int):
        self.name = name
        self._bytes_max = link_bytes_max
        self._seconds = link_seconds
        # An address without the region would be redirected, which neither a form nor a page follows.
        config = Config(signature_version="s3v4", s3={"addressing_style": "virtual"}, retries={"mode": "standard"})
        self._s3 = boto3.client("s3", config=config)

    @property
    def origin(self) -> str:
        """The scheme and host of its URLs."""
        url = urlsplit(self._s3.generate_presigned_url("get_object", {"Bucket": self.name, "Key": EXPORTS}))
        return f"{url.scheme}://{url.netloc}"

    def link(self, table: str, options: Mapping[str, Any]) -> Link:
        """Return a form by which a file comes in, for a table, with just these options.

        Metadata takes ASCII alone, so that options are percent-encoded.
        """
        key = f"{INCOMING}/{table}/{uuid4()}.csv"
        expires_at = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=self._seconds)
        fields = {"Content-Type": "text/csv", **{f"{OPTION}{name}": quote(text) for name, text in options.items()}}
        conditions = [{name: value} for name, value in fields.items()]
        form = self._s3.generate_presigned_post(
            self.name,
            key,
            Fields=fields,
            Conditions=[*conditions, ["content-length-range", 1, self._bytes_max]],
            ExpiresIn=self._seconds,
        )
        moment = f"{expires_at:%Y-%m-%dT%H:%M:%SZ}"
        return Link(form["url"], form["fields"], key, self._bytes_max, moment, source_of(self.name, key))

    def export(self, answer: IO[bytes], content_type: str) -> str:
        """Keep an answer, and return a URL at which it may be fetched for a while."""
        place = {"Bucket": self.name, "Key": f"{EXPORTS}/{uuid4()}"}
        self._s3.put_object(**place, Body=answer, ContentType=content_type)
        return self._s3.generate_presigned_url("get_object", place, ExpiresIn=self._seconds)

    def get(self, place: Place) -> Incoming:
        """Return an object. Raises Gone."""
        which = {"VersionId": place.version} if place.version else {"IfMatch": place.etag}
        with _naming_gone():
            found = self._s3.get_object(Bucket=place.bucket, Key=place.key, **which)
        options = {name: unquote(text) for name, text in found["Metadata"].items()}
        chunks = found["Body"].iter_chunks(CHUNK_BYTES)
        return Incoming(chunks, found["ContentLength"], found.get("ContentEncoding") == "gzip", options)

    def tag(self, place: Place, **tags: Any) -> None:
        """Say on an object what became of it, unless it is gone."""
        which = {"VersionId": place.version} if place.version else {}
        pairs = [{"Key": f"loadbay-{name}", "Value": str(value)} for name, value in tags.items()]
        with suppress(Gone), _naming_gone():
            self._s3.put_object_tagging(Bucket=place.bucket, Key=place.key, Tagging={"TagSet": pairs}, **which)


@contextmanager
def _naming_gone() -> Iterator[None]:
    """Raise Gone where S3 says so in the block."""
    try:
        yield
    except ClientError as error:
        if error.response["Error"]["Code"] in GONE:
            raise Gone from error
        raise


def source_of(bucket: str, key: str) -> str:
    """Return the source of an object, without a version."""
    return f"s3://{bucket}/{key}"
