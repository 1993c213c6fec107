"""Signatures of AWS, version 4, as S3 checks those of links: forms that post an object, and URLs that get one.

https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html
https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTConstructPolicy.html
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

FREE = {"policy", "x-amz-signature", "file"}
"""Fields that no condition has to name."""


class Refused(Exception):
    """S3 would refuse it."""


def signature(secret: str, scope: str, text: str) -> str:
    """Return the signature of a text in a scope such as 20130524/us-east-1/s3/aws4_request."""
    key = f"AWS4{secret}".encode()
    for part in scope.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    return hmac.digest(key, text.encode(), "sha256").hex()


def check_url(secret: str, method: str, host: str, path: str, query: Mapping[str, str], now: datetime) -> None:
    """Refuse a request for a signed URL unless its signature holds, and has not expired."""
    scope = query["X-Amz-Credential"].partition("/")[2]
    signed = "&".join(
        f"{quote(name, safe='')}={quote(query[name], safe='')}" for name in sorted(query) if name != "X-Amz-Signature"
    )
    request = "\n".join([method, quote(path), signed, f"host:{host}", "", "host", "UNSIGNED-PAYLOAD"])
    text = "\n".join(["AWS4-HMAC-SHA256", query["X-Amz-Date"], scope, hashlib.sha256(request.encode()).hexdigest()])
    if not hmac.compare_digest(signature(secret, scope, text), query["X-Amz-Signature"]):
        raise Refused("SignatureDoesNotMatch")
    signed_at = datetime.strptime(query["X-Amz-Date"], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    if now > signed_at + timedelta(seconds=int(query["X-Amz-Expires"])):
        raise Refused("AccessDenied: it has expired")


def check_form(secret: str, bucket: str, fields: Mapping[str, str], size: int, now: datetime) -> None:
    """Refuse a form unless its policy is signed, has not expired, and allows just these fields and this size."""
    scope = fields["x-amz-credential"].partition("/")[2]
    if not hmac.compare_digest(signature(secret, scope, fields["policy"]), fields["x-amz-signature"]):
        raise Refused("SignatureDoesNotMatch")
    policy = json.loads(base64.b64decode(fields["policy"]))
    if now > datetime.strptime(policy["expiration"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC):
        raise Refused("AccessDenied: the policy has expired")
    named = {"bucket"} | FREE
    for condition in policy["conditions"]:
        named |= {name.lower() for name in _check(condition, {**fields, "bucket": bucket}, size)}
    if extra := {name.lower() for name in fields} - named:
        raise Refused(f"AccessDenied: extra input fields {sorted(extra)}")


def _check(condition: Any, fields: Mapping[str, str], size: int) -> list[str]:
    """Refuse what breaks a condition, and return the names of the fields that it is about."""
    if isinstance(condition, dict):
        condition = next(["eq", f"${name}", value] for name, value in condition.items())
    kind, first, last = condition
    if kind == "content-length-range":
        if not first <= size <= last:
            raise Refused("EntityTooLarge" if size > last else "EntityTooSmall")
        return []
    assert kind == "eq", condition
    found = {name.lower(): value for name, value in fields.items()}
    if found.get(first[1:].lower()) != last:
        raise Refused(f"AccessDenied: the policy's condition for {first}")
    return [first[1:]]
