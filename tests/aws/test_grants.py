"""What the roles of aws/template.yaml allow: what is needed, and no more."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from stack import IN_BUCKET, resource, resources, translated, written

NETWORK_INTERFACES = {
    "ec2:CreateNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSubnets",
    "ec2:DeleteNetworkInterface",
    "ec2:AssignPrivateIpAddresses",
    "ec2:UnassignPrivateIpAddresses",
}
"""What Lambda does in a VPC in a function's name: IAM knows no resource for most of it."""

BOTH = {("secretsmanager:GetSecretValue", "DatabaseSecret"), *((action, "*") for action in NETWORK_INTERFACES)}

GRANTED = {
    "ApiRole": BOTH
    | {
        ("secretsmanager:GetSecretValue", "ApiTokenSecret"),
        ("s3:PutObject", f"{IN_BUCKET}/incoming/*"),
        ("s3:PutObject", f"{IN_BUCKET}/exports/*"),
        ("s3:GetObject", f"{IN_BUCKET}/exports/*"),
        ("logs:CreateLogStream", "ApiLog.Arn"),
        ("logs:PutLogEvents", "ApiLog.Arn"),
    },
    "LoadRole": BOTH
    | {
        ("s3:GetObject", f"{IN_BUCKET}/incoming/*"),
        ("s3:GetObjectVersion", f"{IN_BUCKET}/incoming/*"),
        ("s3:PutObjectTagging", f"{IN_BUCKET}/incoming/*"),
        ("s3:PutObjectVersionTagging", f"{IN_BUCKET}/incoming/*"),
        ("s3:ListBucket", IN_BUCKET),
        ("sqs:ReceiveMessage", "Queue.Arn"),
        ("sqs:DeleteMessage", "Queue.Arn"),
        ("sqs:ChangeMessageVisibility", "Queue.Arn"),
        ("sqs:GetQueueAttributes", "Queue.Arn"),
        ("logs:CreateLogStream", "LoadLog.Arn"),
        ("logs:PutLogEvents", "LoadLog.Arn"),
    },
}
"""What each role may do with what."""


def allowed(part: Any) -> Iterator[dict[str, Any]]:
    """Yield every statement in a part of the template that allows something, whatever it is part of."""
    if isinstance(part, dict):
        if part.get("Effect") == "Allow":
            yield part
        part = list(part.values())
    if isinstance(part, list):
        for one in part:
            yield from allowed(one)


def listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def grants(statement: dict[str, Any]) -> set[tuple[str, str]]:
    """Return what a statement allows, as pairs of an action and its resource."""
    return {
        (action, written(one))
        for action in listed(statement["Action"])
        for one in listed(statement.get("Resource", []))
    }


def test_only_network_interfaces_are_allowed_on_everything() -> None:
    statements = list(allowed(translated()))

    for statement in statements:
        assert not statement.keys() & {"NotAction", "NotResource", "NotPrincipal"}, statement
        assert statement.get("Principal") in (
            None,
            {"Service": "lambda.amazonaws.com"},
            {"Service": "s3.amazonaws.com"},
        )
        for action, of in grants(statement):
            assert "*" not in action, statement
            in_a_folder = of in (f"{IN_BUCKET}/incoming/*", f"{IN_BUCKET}/exports/*")
            assert "*" not in of or in_a_folder or action in NETWORK_INTERFACES, statement
    assert len(statements) > 10


@pytest.mark.parametrize("role", GRANTED)
def test_a_function_may_do_what_it_needs_and_nothing_else(role: str) -> None:
    own = resource(role)["Policies"]
    shared = [resource(written(one)) for one in resource(role)["ManagedPolicyArns"]]

    found = set().union(*(grants(one) for one in allowed([own, shared])))

    assert found == GRANTED[role]


def test_no_policy_is_one_of_those_that_aws_wrote() -> None:
    roles = resources("AWS::IAM::Role")

    used = {written(one) for role in roles.values() for one in role["Properties"].get("ManagedPolicyArns", [])}

    assert set(roles) == set(GRANTED)  # SAM would make a role of its own for a function without one
    assert used == set(resources("AWS::IAM::ManagedPolicy"))
    assert "arn:aws:iam::aws:policy" not in json.dumps(translated())


def test_only_the_bucket_may_send_to_the_queue() -> None:
    (statement,) = resource("QueuePolicy")["PolicyDocument"]["Statement"]

    assert grants(statement) == {("sqs:SendMessage", "Queue.Arn")}
    assert written(statement["Condition"]["ArnEquals"]["aws:SourceArn"]) == IN_BUCKET
    assert written(statement["Condition"]["StringEquals"]["aws:SourceAccount"]) == "AWS::AccountId"
