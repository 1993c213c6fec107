"""aws/template.yaml: CloudFormation can take what SAM makes of it, and its numbers and names fit each other and the service."""

import json

import falcon
import pytest
from cfnlint.api import lint
from cfnlint.config import ManualArgs
from stack import BUCKET, REGION, resource, resources, template, translated, written

from handlers.answer.problems import problem
from sql.url import read_url

DAY = 24 * 3600


def test_cfn_lint_finds_nothing_to_say_of_what_sam_makes_of_it() -> None:
    found = lint(json.dumps(translated()), config=ManualArgs(regions=[REGION]))

    assert [f"{one.rule.id} {one.message}" for one in found] == []


def test_bucket_is_private_encrypted_versioned_and_takes_tls_only() -> None:
    bucket = resource("Bucket")
    (encryption,) = bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    (statement,) = resource("BucketPolicy")["PolicyDocument"]["Statement"]

    assert bucket["PublicAccessBlockConfiguration"] == {
        "BlockPublicAcls": True,
        "BlockPublicPolicy": True,
        "IgnorePublicAcls": True,
        "RestrictPublicBuckets": True,
    }
    assert bucket["OwnershipControls"]["Rules"] == [{"ObjectOwnership": "BucketOwnerEnforced"}]
    assert encryption == {"ServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}
    assert bucket["VersioningConfiguration"] == {"Status": "Enabled"}
    assert statement["Effect"] == "Deny"
    assert statement["Principal"] == "*"
    assert statement["Action"] == "s3:*"
    assert [written(one) for one in statement["Resource"]] == ["Bucket.Arn", "${Bucket.Arn}/*"]
    assert statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


def test_bucket_is_called_the_same_everywhere_and_asked_by_the_page_alone() -> None:
    bucket = resource("Bucket")
    (rule,) = bucket["CorsConfiguration"]["CorsRules"]
    (notification,) = bucket["NotificationConfiguration"]["QueueConfigurations"]

    assert written(bucket["BucketName"]) == BUCKET
    for function in ("ApiFunction", "LoadFunction"):
        assert written(resource(function)["Environment"]["Variables"]["UPLOAD_BUCKET"]) == BUCKET
    own, other = rule["AllowedOrigins"]
    assert f"{written(own)}/prod" == written(translated()["Outputs"]["Url"]["Value"])
    assert other == {"Fn::If": ["HasPageOrigin", {"Ref": "PageOrigin"}, {"Ref": "AWS::NoValue"}]}
    assert notification["Filter"]["S3Key"]["Rules"] == [{"Name": "prefix", "Value": "incoming/"}]


def test_files_that_are_no_longer_needed_go_and_no_others() -> None:
    rules = {rule["Id"]: rule for rule in resource("Bucket")["LifecycleConfiguration"]["Rules"]}

    assert {name: rule["Prefix"] for name, rule in rules.items() if "ExpirationInDays" in rule} == {
        "exports": "exports/",
        "finished": "incoming/",
    }
    assert rules["exports"]["ExpirationInDays"] == 1
    assert rules["finished"]["TagFilters"] == [{"Key": "loadbay-status", "Value": "finished"}]
    assert rules["remains"]["AbortIncompleteMultipartUpload"] == {"DaysAfterInitiation": 1}
    assert {rule["Status"] for rule in rules.values()} == {"Enabled"}


def test_a_version_outlives_the_message_that_says_that_it_came() -> None:
    (remains,) = [rule for rule in resource("Bucket")["LifecycleConfiguration"]["Rules"] if rule["Id"] == "remains"]
    queue, dead = resource("Queue"), resource("DeadLetters")

    # A message keeps its age when it goes to the dead letters.
    assert queue["MessageRetentionPeriod"] < dead["MessageRetentionPeriod"]
    assert dead["MessageRetentionPeriod"] < remains["NoncurrentVersionExpiration"]["NoncurrentDays"] * DAY


def test_a_message_is_hidden_for_as_long_as_a_load_runs_and_kept_for_all_its_tries() -> None:
    queue, load = resource("Queue"), resource("LoadFunction")

    assert load["Timeout"] == 900  # the longest that Lambda runs
    assert load["Timeout"] < queue["VisibilityTimeout"]
    assert queue["RedrivePolicy"]["maxReceiveCount"] * queue["VisibilityTimeout"] < queue["MessageRetentionPeriod"]


def test_a_load_takes_one_file_at_a_time_and_says_itself_whether_it_is_done() -> None:
    (source,) = resources("AWS::Lambda::EventSourceMapping").values()

    assert source["Properties"] == {
        "BatchSize": 1,
        "EventSourceArn": {"Fn::GetAtt": ["Queue", "Arn"]},
        "FunctionName": {"Ref": "LoadFunction"},
        "FunctionResponseTypes": ["ReportBatchItemFailures"],
        "ScalingConfig": {"MaximumConcurrency": 4},
    }


def test_the_api_is_no_longer_at_it_than_the_gateway_waits() -> None:
    assert resource("ApiFunction")["Timeout"] <= 29


@pytest.mark.parametrize("name", ["ApiFunction", "LoadFunction"])
def test_functions_run_the_package_of_their_architecture(name: str) -> None:
    function = resource(name)

    (architecture,) = function["Architectures"]
    assert template()["Resources"][name]["Properties"]["CodeUri"] == f"../dist/loadbay-{architecture}.zip"
    assert function["Runtime"] == "python3.13"


def test_functions_are_told_where_their_secrets_are_and_only_the_api_of_its_token() -> None:
    both = {"DATABASE_URL", "DATABASE_SECRET_ARN", "POOL_SIZE", "UPLOAD_BUCKET"}

    assert set(resource("LoadFunction")["Environment"]["Variables"]) == both
    assert set(resource("ApiFunction")["Environment"]["Variables"]) == both | {"API_TOKEN_SECRET_ARN"}


def test_a_token_has_letters_and_digits_enough_for_the_service() -> None:
    made = resource("ApiTokenSecret")["GenerateSecretString"]

    assert made == {"PasswordLength": 40, "ExcludePunctuation": True}


def test_each_database_can_be_chosen_and_is_spoken_to_over_tls() -> None:
    databases = translated()["Mappings"]["Databases"]
    address, _ = resource("LoadFunction")["Environment"]["Variables"]["DATABASE_URL"]["Fn::Sub"]

    assert list(databases) == translated()["Parameters"]["Database"]["AllowedValues"]
    for name, one in databases.items():
        filled = address
        for part, value in {**one, "Host": "db.example"}.items():
            filled = filled.replace(f"${{{part}}}", str(value))
        url = read_url(filled)
        bundle = "/var/task/aws/rds-bundle.pem"
        assert filled.startswith("mysql:" if name in ("rds-mariadb", "rds-mysql") else "postgresql:")
        assert url.hosts == [("db.example", 3306 if filled.startswith("mysql:") else 5432)]
        assert url.parameters in ({"ssl_ca": bundle}, {"sslmode": "verify-full", "sslrootcert": bundle})
    assert {name for name, one in databases.items() if one["PoolSize"] == "0"} == {"aurora-postgresql"}


def test_a_database_is_private_encrypted_takes_tls_only_and_leaves_a_snapshot() -> None:
    groups = {**resources("AWS::RDS::DBParameterGroup"), **resources("AWS::RDS::DBClusterParameterGroup")}
    databases = {**resources("AWS::RDS::DBInstance"), **resources("AWS::RDS::DBCluster")}
    instance = databases.pop("AuroraInstance")

    assert instance["Properties"]["DBClusterIdentifier"] == {"Ref": "Aurora"}
    assert set(databases) == {"Aurora", "Postgresql", "Mariadb", "Mysql"}
    for name, one in databases.items():
        properties, parameters = one["Properties"], groups.pop(f"{name}Parameters")["Properties"]["Parameters"]
        assert one["Condition"] == f"Is{name}"
        assert (one["DeletionPolicy"], one["UpdateReplacePolicy"]) == ("Snapshot", "Snapshot")
        assert properties["StorageEncrypted"] is True
        assert parameters in ({"rds.force_ssl": "1"}, {"require_secure_transport": "1"})
        assert f"{name}Parameters" in json.dumps(properties)
        if one["Type"] == "AWS::RDS::DBInstance":
            assert properties["PubliclyAccessible"] is False
    assert groups == {}


def test_removing_the_stack_leaves_the_files() -> None:
    bucket = translated()["Resources"]["Bucket"]

    assert (bucket["DeletionPolicy"], bucket["UpdateReplacePolicy"]) == ("RetainExceptOnCreate", "Retain")


def test_the_gateway_refuses_a_large_file_as_the_service_does() -> None:
    answers = resource("Api")["Body"]["x-amazon-apigateway-gateway-responses"]
    (answer,) = answers["REQUEST_TOO_LARGE"]["responseTemplates"].items()

    refused = json.loads(answer[1])

    assert answer[0] == "application/problem+json"
    assert "POST /upload-links/{table}" in refused["detail"]
    assert refused == problem(falcon.HTTP_413, refused["detail"], "file_too_large")


def test_the_gateway_decodes_nothing() -> None:
    assert resource("Api")["Body"]["x-amazon-apigateway-binary-media-types"] == ["*/*"]


def test_logs_are_kept_for_a_time_and_each_function_writes_its_own() -> None:
    logs = resources("AWS::Logs::LogGroup")

    assert all("RetentionInDays" in one["Properties"] for one in logs.values())
    used = [
        written(one["Properties"]["LoggingConfig"]["LogGroup"]) for one in resources("AWS::Lambda::Function").values()
    ]
    assert sorted(used) == sorted(logs) == ["ApiLog", "LoadLog"]


def test_what_goes_wrong_is_noticed() -> None:
    alarms = [one["Properties"] for one in resources("AWS::CloudWatch::Alarm").values()]

    assert {(one["MetricName"], written(one["Dimensions"][0]["Value"])) for one in alarms} == {
        ("ApproximateNumberOfMessagesVisible", "DeadLetters.QueueName"),
        ("ApproximateAgeOfOldestMessage", "Queue.QueueName"),
        ("5XXError", "AWS::StackName"),
        ("Throttles", "ApiFunction"),
    }
    assert resource("Api")["Name"] == {"Ref": "AWS::StackName"}
    assert all("AlarmTopic" in json.dumps(one["AlarmActions"]) for one in alarms)
