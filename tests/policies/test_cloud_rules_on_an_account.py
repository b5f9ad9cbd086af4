"""An account with something wrong of every kind: each is found by its rule, and by no other.

The account is simulated (moto), but it is a server that is really called: what the rules are given
is what the adapter read. Each thing has a name of its own, so that a finding tells what it is of.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from hospital.codec import encode
from hospital.errors import HospitalError, UnavailableError
from hospital.rule import Kind, Resource
from hospital.surveyed.account import AccountFacts, SurveyedAccount
from policies.judgement import judge
from policies.rules import all_rules
from providers.access import Access
from providers.account import survey
from providers.aws import Cloud, answers
from providers.baseline import Baseline

REGION, OTHER, NAME = "cn-north-1", "cn-northwest-1", "lab-cloud"
RULES = [found for found in all_rules() if found.family == "cloud"]
LATER = timedelta(days=100)  # when a key that is made now is old
EVERYTHING = {"Effect": "Allow", "Action": "*", "Resource": "*"}


def document(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def access(directory: Path, name: str, key: str, secret: str) -> Access:
    (directory / name).mkdir()
    text = json.dumps({"access_key": key, "secret_key": secret})
    (directory / name / "cloud.json").write_text(text)
    return Access(directory / name)


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    server = subprocess.Popen(
        [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "AWS_DEFAULT_REGION": REGION},
    )
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.kill()
        server.wait()


@pytest.fixture(scope="module")
def cloud(endpoint: str, tmp_path_factory: pytest.TempPathFactory) -> Cloud:
    """The account as our components make it."""
    directory = tmp_path_factory.mktemp("cloud")
    made = Cloud(endpoint, REGION, access(directory, "us", "AKIAEXAMPLE", "example"), timeout=30)
    deadline = time.monotonic() + 60
    while True:
        try:
            made.bucket("none")
            break
        except UnavailableError:
            assert time.monotonic() < deadline
            time.sleep(0.2)
    made.ensure_bucket(NAME)
    subnets = {f"{REGION}a": "10.3.0.0/20"}
    made.ensure_network(NAME, cidr="10.3.0.0/16", subnets=subnets, open_ports=(443,))
    Baseline(made, f"{NAME}-records", network=NAME).ensure()
    return made


def found(facts: AccountFacts, *, later: timedelta = timedelta()) -> dict[str, list[str]]:
    seen = encode(SurveyedAccount("cloud", "", REGION, facts))
    resource = Resource(Kind.ACCOUNT, "cloud", seen)
    said: dict[str, list[str]] = {}
    for each in judge(RULES, [resource], today=datetime.now(UTC).date() + later).findings:
        said.setdefault(each.rule.id, []).append(each.reason.en)
    return said


def test_an_account_as_we_make_it_lacks_what_a_simulated_one_reached_in_clear_cannot_have(
    cloud: Cloud,
) -> None:
    facts, refused = survey(cloud)
    assert refused == ()
    assert found(facts) == {
        "cloud_bucket_tls_only": [
            f"bucket {NAME} answers in clear",
            f"bucket {NAME}-records answers in clear",
        ],
        "cloud_bucket_has_own_key": [
            f"bucket {NAME} uses the provider's key",
            f"bucket {NAME}-records uses the provider's key",
        ],
        "cloud_root_guarded": ["root has no second factor"],
    }


def spoil_identities(cloud: Cloud) -> None:
    iam = cloud.client("iam")
    iam.update_account_password_policy(
        MinimumPasswordLength=6, RequireNumbers=True, MaxPasswordAge=365
    )
    iam.create_user(UserName="li")
    iam.create_login_profile(UserName="li", Password="Aa1!aaaaaaaa")
    iam.put_user_policy(UserName="li", PolicyName="all", PolicyDocument=document(EVERYTHING))
    iam.create_user(UserName="robot")
    iam.create_access_key(UserName="robot")
    made = iam.create_policy(PolicyName="all", PolicyDocument=document(EVERYTHING))
    iam.create_group(GroupName="admins")
    iam.attach_group_policy(GroupName="admins", PolicyArn=made["Policy"]["Arn"])
    iam.create_user(UserName="wang")
    iam.add_user_to_group(GroupName="admins", UserName="wang")
    iam.create_user(UserName="sun")
    iam.create_login_profile(UserName="sun", Password="Aa1!aaaaaaaa")
    iam.create_virtual_mfa_device(VirtualMFADeviceName="sun")
    number = iam.list_virtual_mfa_devices()["VirtualMFADevices"][0]["SerialNumber"]
    iam.enable_mfa_device(
        UserName="sun",
        SerialNumber=number,
        AuthenticationCode1="123456",
        AuthenticationCode2="654321",
    )
    anybody = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}
    iam.create_role(RoleName="open", AssumeRolePolicyDocument=document(anybody))


def spoil_records(cloud: Cloud) -> None:
    trails = cloud.client("cloudtrail")
    trails.stop_logging(Name=f"{NAME}-records")
    trails.create_trail(Name="second", S3BucketName=NAME)
    logs = cloud.client("logs")
    for name in ("brief", "for-ever"):
        logs.create_log_group(logGroupName=name)
    logs.put_retention_policy(logGroupName="brief", retentionInDays=30)
    cloud.client("cloudwatch").put_metric_alarm(
        AlarmName="mute", MetricName="m", Namespace="n", Period=60, EvaluationPeriods=1,
        Threshold=1, ComparisonOperator="GreaterThanThreshold", Statistic="Sum",
    )  # fmt: skip


def spoil_storage(cloud: Cloud) -> str:
    """Returns the ARN of a key that is about to go although a bucket needs it."""
    s3, kms = cloud.client("s3"), cloud.client("kms")
    place = {"LocationConstraint": REGION}
    s3.create_bucket(Bucket="bare", ACL="public-read", CreateBucketConfiguration=place)
    there = {"LocationConstraint": OTHER}
    cloud.client("s3", region=OTHER).create_bucket(Bucket="abroad", CreateBucketConfiguration=there)
    made = kms.create_key()["KeyMetadata"]
    key = str(made["Arn"])
    anybody = {"Effect": "Allow", "Principal": "*", "Action": "kms:*", "Resource": "*"}
    kms.put_key_policy(KeyId=made["KeyId"], PolicyName="default", Policy=document(anybody))
    cloud.ensure_bucket("locked-out")
    how = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key}
    rules = {"Rules": [{"ApplyServerSideEncryptionByDefault": how}]}
    s3.put_bucket_encryption(Bucket="locked-out", ServerSideEncryptionConfiguration=rules)
    kms.disable_key(KeyId=made["KeyId"])
    cloud.client("rds").create_db_instance(
        DBInstanceIdentifier="his", DBInstanceClass="db.t3.micro", Engine="postgres",
        MasterUsername="a", MasterUserPassword="bbbbbbbb", AllocatedStorage=10,
        PubliclyAccessible=True, StorageEncrypted=True, BackupRetentionPeriod=1,
    )  # fmt: skip
    cloud.client("ec2", region=OTHER).create_volume(Size=1, AvailabilityZone=f"{OTHER}a")
    return key


def spoil_network(cloud: Cloud, key: str) -> dict[str, str]:
    """Returns the ids of what it made."""
    ec2, made = cloud.client("ec2"), {}
    tags = [{"ResourceType": "vpc", "Tags": [{"Key": "Name", "Value": "loose"}]}]
    vpc = ec2.create_vpc(CidrBlock="10.9.0.0/16", TagSpecifications=tags)["Vpc"]["VpcId"]
    for zone, block in (("a", "10.9.0.0/20"), ("b", "10.9.16.0/20")):
        made[zone] = ec2.create_subnet(
            VpcId=vpc, CidrBlock=block, AvailabilityZone=f"{REGION}{zone}"
        )["Subnet"]["SubnetId"]
    ec2.modify_subnet_attribute(SubnetId=made["a"], MapPublicIpOnLaunch={"Value": True})
    mine = [{"Name": "vpc-id", "Values": [vpc]}]
    made["default"] = ec2.describe_security_groups(Filters=mine)["SecurityGroups"][0]["GroupId"]
    made["group"] = ec2.create_security_group(GroupName="odd", Description="d", VpcId=vpc)[
        "GroupId"
    ]
    ssh = {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
    whole = {"IpProtocol": "-1", "IpRanges": [{"CidrIp": "10.1.0.0/16"}]}
    ec2.authorize_security_group_ingress(GroupId=made["group"], IpPermissions=[ssh, whole])
    image = ec2.describe_images(Owners=["amazon"])["Images"][0]["ImageId"]
    run = ec2.run_instances(ImageId=image, MinCount=1, MaxCount=1, SubnetId=made["a"])
    made["machine"] = run["Instances"][0]["InstanceId"]
    disk = ec2.create_volume(Size=1, AvailabilityZone=f"{REGION}a", Encrypted=True)["VolumeId"]
    for each in cloud.client("kms").list_keys()["Keys"]:  # the disk's, as moto makes it
        if each["KeyArn"] != key:
            cloud.client("kms").enable_key_rotation(KeyId=each["KeyId"])
    made["snapshot"] = ec2.create_snapshot(VolumeId=disk)["SnapshotId"]
    ec2.modify_snapshot_attribute(
        SnapshotId=made["snapshot"], Attribute="createVolumePermission",
        OperationType="add", GroupNames=["all"],
    )  # fmt: skip
    return made


def spoil_border(cloud: Cloud, subnets: list[str]) -> None:
    balancers = cloud.client("elbv2")
    made = balancers.create_load_balancer(Name="web", Subnets=subnets)["LoadBalancers"][0]
    for port in (80, 8080):
        action: dict[str, Any] = {"Type": "fixed-response"}
        action["FixedResponseConfig"] = {"StatusCode": "200"}
        if port == 80:
            redirect = {"Protocol": "HTTPS", "StatusCode": "HTTP_301"}
            action = {"Type": "redirect", "RedirectConfig": redirect}
        balancers.create_listener(
            LoadBalancerArn=made["LoadBalancerArn"],
            Protocol="HTTP",
            Port=port,
            DefaultActions=[action],
        )


def test_every_kind_of_wrong_is_found_by_its_rule_and_by_no_other(cloud: Cloud) -> None:
    before = {rule: set(said) for rule, said in found(survey(cloud)[0]).items()}
    spoil_identities(cloud)
    spoil_records(cloud)
    key = spoil_storage(cloud)
    made = spoil_network(cloud, key)
    spoil_border(cloud, [made["a"], made["b"]])
    facts, refused = survey(cloud)
    assert refused == ()
    assert facts.machines is not None
    assert facts.volumes is not None
    address = facts.machines[0].public_address
    clear = next(each.id for each in facts.volumes if not each.encrypted)
    abroad = [each.what for each in facts.elsewhere or () if each.what.startswith("volume")]
    robot = [user for user in facts.users or () if user.name == "robot"]
    today = found(facts)
    gone = {rule: set(said) - before.get(rule, set()) for rule, said in today.items()}
    assert {rule: said for rule, said in gone.items() if said} == {
        "cloud_passwords_strong": {
            "passwords of 6 characters are taken",
            "1 kinds of character are enough",
            "age limit is 365 days",
            "0 former passwords are remembered",
        },
        "cloud_user_has_second_factor": {"user li: a password alone"},
        "cloud_identity_not_all_powerful": {
            "user li may do everything",
            "user wang may do everything",
        },
        "cloud_role_trusts_named": {"anybody can take role open"},
        "cloud_calls_recorded": {"no trail records changes in all regions"},
        "cloud_record_signed": {"trail second has no digests"},
        "cloud_record_kept": {"trail second is locked for 0 days"},
        "cloud_log_group_kept": {"log group brief keeps 30 days"},
        "cloud_alarm_tells_somebody": {"alarm mute tells nobody"},
        "cloud_crypto_key_turns": {f"key {key} is not rotated"},
        "cloud_crypto_key_closed": {f"anybody may use key {key}"},
        "cloud_crypto_key_alive": {"bucket locked-out: its key is Disabled"},
        "cloud_bucket_not_open": {"bucket bare is open to everybody"},
        "cloud_bucket_blocks_public": {"bucket abroad can be opened", "bucket bare can be opened"},
        "cloud_bucket_tls_only": {
            "bucket abroad answers in clear",
            "bucket bare answers in clear",
            "bucket locked-out answers in clear",
        },
        "cloud_bucket_keeps_versions": {
            "bucket abroad keeps no versions",
            "bucket bare keeps no versions",
        },
        "cloud_bucket_encrypted": {
            "bucket abroad is not encrypted",
            "bucket bare is not encrypted",
        },
        "cloud_flows_logged": {"network loose logs no flows"},
        "cloud_default_group_closed": {f"default group {made['default']} is open"},
        "cloud_management_not_public": {f"odd ({made['group']}) opens 22 to the world"},
        "cloud_group_names_ports": {f"odd ({made['group']}): 10.1.0.0/16 reaches every port"},
        "cloud_exit_bounded": {f"odd ({made['group']}) goes out to everywhere"},
        "cloud_no_public_address": {
            f"machine {made['machine']} answers at {address}",
            f"subnet {made['a']} gives public addresses",
        },
        "cloud_machine_guards_credentials": {f"machine {made['machine']} asks for no token"},
        "cloud_volume_encrypted": {f"{clear} is not encrypted"},
        "cloud_copy_closed": {f"anybody may use {made['snapshot']}"},
        "cloud_listener_encrypted": {"web:8080 listens in clear"},
        "cloud_border_logged": {"balancer web logs no access"},
        "cloud_database_not_public": {"database his is public"},
        "cloud_database_backed_up": {
            "database his keeps 1 days",
            "database his can be deleted in one step",
        },
        "cloud_data_where_declared": {
            f"bucket abroad is in {OTHER}",
            f"{abroad[0]} is in {OTHER}",
        },
    }
    late = found(facts, later=LATER)
    assert late.keys() - today.keys() == {"cloud_access_key_changed", "cloud_identity_used"}
    assert late["cloud_access_key_changed"] == ["robot: 100 days old"]
    assert [each.split(":")[0] for each in late["cloud_identity_used"]] == [
        "user li", "user robot", "user sun",
    ]  # fmt: skip
    assert len(robot) == 1


def test_every_rule_of_the_family_is_tried_here() -> None:
    text = Path(__file__).read_text(encoding="utf-8")
    assert [found.rule.id for found in RULES if f'"{found.rule.id}"' not in text] == []


def asked_for_keys(endpoint: str, *, after: str) -> None:
    """Let the simulated cloud check who calls, after so many calls that it takes from anybody."""
    told = urllib.request.Request(f"{endpoint}/moto-api/reset-auth", data=after.encode())
    told.add_header("Content-Type", "text/plain")
    urllib.request.urlopen(told).close()


def test_what_may_not_be_seen_is_named_and_never_passes(
    cloud: Cloud, endpoint: str, tmp_path: Path
) -> None:
    iam = cloud.client("iam")
    iam.create_user(UserName="limited")
    key = iam.create_access_key(UserName="limited")["AccessKey"]
    denied = {
        "Effect": "Deny",
        "Action": ["iam:ListUsers", "s3:GetBucketVersioning"],
        "Resource": "*",
    }
    policy = document(EVERYTHING, denied)
    iam.put_user_policy(UserName="limited", PolicyName="some", PolicyDocument=policy)
    limited = Cloud(
        endpoint,
        REGION,
        access(tmp_path, "limited", key["AccessKeyId"], key["SecretAccessKey"]),
        timeout=30,
    )
    asked_for_keys(endpoint, after="0")
    try:
        facts, refused = survey(limited)
    finally:
        asked_for_keys(endpoint, after="Infinity")
    calls = {each.split(": ")[1] for each in refused}
    assert calls == {"ListUsers", "GetBucketVersioning"}
    assert facts.users is None
    assert {each.versioned for each in facts.buckets or ()} == {None}
    said = found(facts)
    assert said["cloud_user_has_second_factor"] == ["users: could not be read"]
    assert all("not ruled out" in each for each in said["cloud_bucket_keeps_versions"])


def test_an_account_that_does_not_answer_is_not_an_empty_one(tmp_path: Path) -> None:
    silent = Cloud("http://127.0.0.1:9", REGION, access(tmp_path, "us", "AKIAX", "x"), timeout=1)
    with pytest.raises(UnavailableError):
        survey(silent)


def test_refusals_of_the_cloud_are_ours(cloud: Cloud) -> None:
    with pytest.raises(HospitalError), answers(cloud.endpoint):
        cloud.client("iam").get_user(UserName="nobody")
