"""S3 and Secrets Manager: moto's server, which checks signatures, and in front of it what it cannot do.

It answers 500 to forms and signed URLs where it checks, and ignores policies: the front checks those itself.
"""

import http.client
import json
import os
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Iterable
from datetime import UTC, datetime
from io import BytesIO
from queue import Queue
from typing import IO, Any
from urllib.parse import urlsplit

import boto3
from botocore.config import Config
from events import event_of
from ports import free_port
from signatures import Refused, check_form, check_url
from waits import until
from werkzeug.serving import make_server
from werkzeug.wrappers import Request, Response

REGION = "eu-central-1"
BUCKET = "loadbay-files"

SET_UP_CALLS = 3
"""So many calls need no signature: just those that make the user whose signature all others need."""

MAY = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": ["s3:*", "secretsmanager:*"], "Resource": "*"}],
}


class Aws:
    """A region of one bucket, with versions, and of whoever has its key; arrived has the keys that came in by forms."""

    def __init__(self) -> None:
        self.arrived: Queue[str] = Queue()

    def start(self) -> None:
        port = free_port()
        self.moto = f"http://127.0.0.1:{port}"
        self._process = subprocess.Popen(
            [sys.executable, "-m", "moto.server", "-p", str(port)],
            env={"PATH": os.environ["PATH"], "INITIAL_NO_AUTH_ACTION_COUNT": str(SET_UP_CALLS)},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        until(self._answers)
        self._key = self._make_user()
        self._front = make_server("127.0.0.1", 0, Front(self), threaded=True)
        threading.Thread(target=self._front.serve_forever, daemon=True).start()
        self.s3 = self.client("s3")
        self.s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
        self.s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})

    def stop(self) -> None:
        self._front.shutdown()
        self._front.server_close()
        self._process.terminate()
        self._process.wait()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._front.server_port}"

    @property
    def secret(self) -> str:
        return self._key["AWS_SECRET_ACCESS_KEY"]

    @property
    def environ(self) -> dict[str, str]:
        """What a function's environment has of AWS."""
        return {**self._key, "AWS_DEFAULT_REGION": REGION, "AWS_ENDPOINT_URL": self.url}

    def client(self, service: str) -> Any:
        """Return a client of a service, that asks moto itself."""
        return boto3.client(service, endpoint_url=self.moto, **self._arguments(self._key))

    def put(self, key: str, content: bytes, **options: str) -> dict[str, Any]:
        """Put an object into the bucket, and return the event of it, as S3 sends it to a queue."""
        put = self.s3.put_object(Bucket=BUCKET, Key=key, Body=content, Metadata=options)
        return event_of(key, len(content), put["ETag"].strip('"'), put["VersionId"])

    def event(self, key: str) -> dict[str, Any]:
        """Return the event of an object that came in by itself."""
        found = self.s3.head_object(Bucket=BUCKET, Key=key)
        return event_of(key, found["ContentLength"], found["ETag"].strip('"'), found["VersionId"])

    def _answers(self) -> bool:
        try:
            urllib.request.urlopen(f"{self.moto}/moto-api/", timeout=5).close()
        except OSError:
            return False
        return True

    def _make_user(self) -> dict[str, str]:
        iam = boto3.client("iam", endpoint_url=self.moto, **self._arguments({}))
        iam.create_user(UserName="function")
        key = iam.create_access_key(UserName="function")["AccessKey"]
        iam.put_user_policy(UserName="function", PolicyName="may", PolicyDocument=json.dumps(MAY))
        return {"AWS_ACCESS_KEY_ID": key["AccessKeyId"], "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"]}

    def _arguments(self, key: dict[str, str]) -> dict[str, Any]:
        return {
            "region_name": REGION,
            "aws_access_key_id": key.get("AWS_ACCESS_KEY_ID", "nobody"),
            "aws_secret_access_key": key.get("AWS_SECRET_ACCESS_KEY", "nothing"),
            "config": Config(s3={"addressing_style": "path"}),
        }


class Asked(Request):
    """A request whose files stay in memory, so that one that broke off leaves no temporary file open."""

    def _get_file_stream(self, *_: Any, **__: Any) -> IO[bytes]:
        return BytesIO()


class Front:
    """A WSGI application that takes forms and signed URLs, and passes on whatever else comes."""

    def __init__(self, aws: Aws):
        self._aws = aws

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        with Asked(environ) as request:
            try:
                response = self._answer(request)
            except Refused as refused:
                response = Response(f"<Error><Code>{refused}</Code></Error>", 403, mimetype="application/xml")
            response.headers["Access-Control-Allow-Origin"] = request.headers.get("Origin", "*")
        return response(environ, start_response)

    def _answer(self, request: Request) -> Response:
        if request.method == "OPTIONS":  # a browser asks first, as the bucket's CORS has it
            return Response(headers={"Access-Control-Allow-Methods": "GET, POST"})
        if request.mimetype == "multipart/form-data":
            return self._take_form(request)
        return self._give(request) if "X-Amz-Signature" in request.args else self._pass_on(request)

    def _take_form(self, request: Request) -> Response:
        """Store what a form posts: https://docs.aws.amazon.com/AmazonS3/latest/API/RESTObjectPOST.html"""
        fields, content = request.form.to_dict(), request.files["file"].read()
        check_form(self._aws.secret, BUCKET, fields, len(content), datetime.now(UTC))
        metadata = {name[11:]: value for name, value in fields.items() if name.startswith("x-amz-meta-")}
        self._aws.s3.put_object(
            Bucket=BUCKET, Key=fields["key"], Body=content, ContentType=fields["Content-Type"], Metadata=metadata
        )
        self._aws.arrived.put(fields["key"])
        return Response(status=204)

    def _give(self, request: Request) -> Response:
        """Return the object of a signed URL."""
        check_url(self._aws.secret, "GET", request.host, request.path, request.args.to_dict(), datetime.now(UTC))
        found = self._aws.s3.get_object(Bucket=BUCKET, Key=request.path.removeprefix(f"/{BUCKET}/"))
        return Response(found["Body"].read(), content_type=found["ContentType"])

    def _pass_on(self, request: Request) -> Response:
        connection = http.client.HTTPConnection(urlsplit(self._aws.moto).netloc)
        connection.request(request.method, request.environ["RAW_URI"], request.get_data(), {**request.headers})
        answer = connection.getresponse()
        body = answer.read()
        headers = [
            (name, value) for name, value in answer.getheaders() if name not in ("Connection", "Transfer-Encoding")
        ]
        return Response(body, answer.status, headers)
