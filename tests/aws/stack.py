"""aws/template.yaml as CloudFormation gets it: SAM's translator has made plain resources of it."""

from functools import cache
from typing import Any

import boto3
import pytest
from project import PROJECT
from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator
from samtranslator.yaml_helper import yaml_parse

REGION = "eu-central-1"
BUCKET = "${AWS::StackName}-${AWS::AccountId}-${AWS::Region}"
IN_BUCKET = f"arn:${{AWS::Partition}}:s3:::{BUCKET}"


def template() -> dict[str, Any]:
    return yaml_parse((PROJECT / "aws" / "template.yaml").read_text())


@cache
def translated() -> dict[str, Any]:
    """Return what CloudFormation would get, as if the packages lay in S3 already."""
    packaged = template()
    for one in packaged["Resources"].values():
        if one["Type"] == "AWS::Serverless::Function":
            one["Properties"]["CodeUri"] = "s3://packages/loadbay.zip"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_DEFAULT_REGION", REGION)  # some of SAM looks there, whatever session it is given
        return Translator({}, Parser(), boto_session=boto3.Session()).translate(packaged, {})


def resource(name: str) -> dict[str, Any]:
    return translated()["Resources"][name]["Properties"]


def resources(kind: str) -> dict[str, dict[str, Any]]:
    return {name: one for name, one in translated()["Resources"].items() if one["Type"] == kind}


def written(value: Any) -> str:
    """Return a name, or the name that a Ref, GetAtt or Sub has in it."""
    if isinstance(value, dict):
        ((function, value),) = value.items()
        return ".".join(value) if function == "Fn::GetAtt" else value
    return value
