"""The environment of the entries: secrets, which are read once at start, and the bucket."""

import json
from collections.abc import Mapping
from urllib.parse import quote

import boto3

from aws.bucket import Bucket
from settings import read_integer

DEFAULTS = {
    # A function has one processor: see MemorySize in the template.
    "READERS_MAX": "0",
    "POOL_SIZE": "1",  # Lambda gives an instance one event at a time
}

LINK_BYTES_MAX = 2**30
LINK_SECONDS = 900


def read_environment(environ: Mapping[str, str], defaults: Mapping[str, str]) -> dict[str, str]:
    """Return the environment with an entry's defaults, and with its secrets in place of their ARNs.

    DATABASE_SECRET_ARN has the username and password, as JSON, that DATABASE_URL is without; API_TOKEN_SECRET_ARN has
    the token.
    """
    found = {**DEFAULTS, **defaults, **environ}
    if arn := found.get("DATABASE_SECRET_ARN"):
        secret = json.loads(_read_secret(arn))
        found["DATABASE_URL"] = with_user(found["DATABASE_URL"], secret["username"], secret["password"])
    if arn := found.get("API_TOKEN_SECRET_ARN"):
        found["API_TOKEN"] = _read_secret(arn)
    return found


def with_user(url: str, user: str, password: str) -> str:
    """Return a database's URL with who asks, percent-encoded."""
    scheme, _, rest = url.partition("://")
    return f"{scheme}://{quote(user, safe='')}:{quote(password, safe='')}@{rest}"


def bucket_of(environ: Mapping[str, str]) -> Bucket | None:
    """Return the bucket of UPLOAD_BUCKET, if there is one."""
    if "UPLOAD_BUCKET" not in environ:
        return None
    bytes_max = read_integer(environ, "LINK_BYTES_MAX", LINK_BYTES_MAX, 1, 5 * 2**30)  # one PUT takes 5 GiB
    seconds = read_integer(environ, "LINK_SECONDS", LINK_SECONDS, 1, 12 * 3600)
    return Bucket(environ["UPLOAD_BUCKET"], bytes_max, seconds)


def _read_secret(arn: str) -> str:
    secret: str = boto3.client("secretsmanager").get_secret_value(SecretId=arn)["SecretString"]
    return secret
