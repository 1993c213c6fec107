"""The tests' own check of signatures, against the examples that AWS publishes."""

from datetime import UTC, datetime

import pytest
from signatures import Refused, check_url, signature

SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
QUERY = {
    "X-Amz-Algorithm": "AWS4-HMAC-SHA256",
    "X-Amz-Credential": "AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request",
    "X-Amz-Date": "20130524T000000Z",
    "X-Amz-Expires": "86400",
    "X-Amz-SignedHeaders": "host",
    "X-Amz-Signature": "aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404",
}
"""https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html"""

PLACE = ("GET", "examplebucket.s3.amazonaws.com", "/test.txt")


def test_published_example_of_a_signed_url_holds_for_its_day_alone() -> None:
    check_url(SECRET, *PLACE, QUERY, datetime(2013, 5, 24, 23, 59, tzinfo=UTC))

    with pytest.raises(Refused, match="expired"):
        check_url(SECRET, *PLACE, QUERY, datetime(2013, 5, 25, 0, 1, tzinfo=UTC))


@pytest.mark.parametrize(
    "changed", [{"X-Amz-Expires": "86401"}, {"X-Amz-Date": "20130524T000001Z"}, {"versionId": "1"}]
)
def test_signed_url_that_was_changed_is_refused(changed: dict[str, str]) -> None:
    with pytest.raises(Refused, match="SignatureDoesNotMatch"):
        check_url(SECRET, *PLACE, QUERY | changed, datetime(2013, 5, 24, tzinfo=UTC))


def test_published_example_of_a_signed_policy() -> None:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-post-example.html has the policy, in base64, and this."""
    assert signature(SECRET, "20151229/us-east-1/s3/aws4_request", POLICY) == (
        "8afdbf4008c03f22c2cd3cdb72e4afbb1f6a588f3255ac628749a66d7f09699e"
    )


POLICY = (
    "eyAiZXhwaXJhdGlvbiI6ICIyMDE1LTEyLTMwVDEyOjAwOjAwLjAwMFoiLA0KICAiY29uZGl0aW9ucyI6IFsNCiAgICB7ImJ1Y2tldCI6ICJzaWd2"
    "NGV4YW1wbGVidWNrZXQifSwNCiAgICBbInN0YXJ0cy13aXRoIiwgIiRrZXkiLCAidXNlci91c2VyMS8iXSwNCiAgICB7ImFjbCI6ICJwdWJsaWMt"
    "cmVhZCJ9LA0KICAgIHsic3VjY2Vzc19hY3Rpb25fcmVkaXJlY3QiOiAiaHR0cDovL3NpZ3Y0ZXhhbXBsZWJ1Y2tldC5zMy5hbWF6b25hd3MuY29t"
    "L3N1Y2Nlc3NmdWxfdXBsb2FkLmh0bWwifSwNCiAgICBbInN0YXJ0cy13aXRoIiwgIiRDb250ZW50LVR5cGUiLCAiaW1hZ2UvIl0sDQogICAgeyJ4"
    "LWFtei1tZXRhLXV1aWQiOiAiMTQzNjUxMjM2NTEyNzQifSwNCiAgICB7IngtYW16LXNlcnZlci1zaWRlLWVuY3J5cHRpb24iOiAiQUVTMjU2In0s"
    "DQogICAgWyJzdGFydHMtd2l0aCIsICIkeC1hbXotbWV0YS10YWciLCAiIl0sDQoNCiAgICB7IngtYW16LWNyZWRlbnRpYWwiOiAiQUtJQUlPU0ZP"
    "RE5ON0VYQU1QTEUvMjAxNTEyMjkvdXMtZWFzdC0xL3MzL2F3czRfcmVxdWVzdCJ9LA0KICAgIHsieC1hbXotYWxnb3JpdGhtIjogIkFXUzQtSE1B"
    "Qy1TSEEyNTYifSwNCiAgICB7IngtYW16LWRhdGUiOiAiMjAxNTEyMjlUMDAwMDAwWiIgfQ0KICBdDQp9"
)
