"""Public cloud through the AWS API: network, object bucket, public names.

Every ``ensure`` begins by looking, so a call that was interrupted is completed by calling again:
what is ours is known by its name or its tag, never by an id that may have been lost. A bucket
is never created without encryption, versions and a closed door, and never emptied by us.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from threading import Lock
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError
from botocore.exceptions import ConnectionError as BotoConnectionError

from hospital.errors import RefusedError, UnavailableError
from providers.access import Access

Plain = dict[str, Any]

TAG = "xinglin.dev/name"
TTL = 60  # seconds; the sites' own names are steady, what moves is answered by the sites' servers
# A cloud holds any number of zones of one name: two names made at once must share theirs.
_ZONES = Lock()
_BUSY = frozenset({"Throttling", "ThrottlingException", "RequestLimitExceeded", "SlowDown"})
_ABSENT = frozenset({"404", "NoSuchBucket", "NotFound", "NoSuchHostedZone"})


@contextmanager
def answers(endpoint: str) -> Iterator[None]:
    """Translate every exception of boto3: no answer, 5xx and throttling may be tried again."""
    try:
        yield
    except ClientError as error:
        said = error.response.get("Error", {})
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        text = f"{error.operation_name}: {said.get('Code')}: {said.get('Message')}"
        if status >= 500 or said.get("Code") in _BUSY:
            raise UnavailableError(endpoint, text) from error
        raise RefusedError(endpoint, text) from error
    except (BotoConnectionError, HTTPClientError) as error:
        raise UnavailableError(endpoint, str(error)) from error
    except BotoCoreError as error:
        raise RefusedError(endpoint, str(error)) from error


class Cloud:
    """One region of one public cloud; ``endpoint`` empty means the cloud's own."""

    def __init__(
        self, endpoint: str, region: str, access: Access, *, timeout: float = 15.0
    ) -> None:
        """``timeout`` in seconds, for connecting and for each answer.

        The identity's ``cloud.json`` is read at the first call.
        """
        self.endpoint = endpoint or region
        self._url = endpoint or None
        self.region = region
        self._access = access
        self._settings = Config(
            connect_timeout=timeout, read_timeout=timeout, retries={"max_attempts": 1}
        )

    # A client is made when it is needed: boto3 reads megabytes of descriptions for each session.

    @property
    def _plain(self) -> bool:
        """Whether the API is reached without TLS."""
        return (self._url or "").startswith("http://")

    @cached_property
    def _ec2(self) -> Any:
        return self.client("ec2")

    @cached_property
    def _s3(self) -> Any:
        return self.client("s3")

    @cached_property
    def _route53(self) -> Any:
        return self.client("route53")

    def client(self, service: str, *, region: str = "") -> Any:
        """The SDK's client of a service, here or in another region; use it within ``answers``."""
        return self._session.client(
            service,
            region_name=region or self.region,
            endpoint_url=self._url,
            config=self._settings,
        )

    def reaches(self, region: str) -> bool:
        """Whether an account here can hold anything in that region: both are of one partition."""
        parts = [self._session.get_partition_for_region(each) for each in (self.region, region)]
        return bool(parts[0] == parts[1])

    @cached_property
    def _session(self) -> Any:
        key = self._access.document("cloud.json")
        return boto3.session.Session(
            aws_access_key_id=key["access_key"], aws_secret_access_key=key["secret_key"]
        )

    # -- the object bucket ---------------------------------------------------------------

    def ensure_bucket(self, name: str, *, days: int = 0, writers: tuple[str, ...] = ()) -> None:
        """A bucket, encrypted and versioned, that nobody outside can read.

        With ``days``, nothing in it can be deleted for so long (for a bucket that is made here:
        a lock cannot be given later). ``writers`` are services of the cloud that may put into it.
        """
        with answers(self.endpoint):
            if not self._bucket_exists(name):
                place = {"LocationConstraint": self.region}
                self._s3.create_bucket(
                    Bucket=name,
                    CreateBucketConfiguration=place,
                    ObjectLockEnabledForBucket=bool(days),
                )
            self._s3.put_public_access_block(
                Bucket=name, PublicAccessBlockConfiguration=dict.fromkeys(_CLOSED, True)
            )
            rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}
            self._s3.put_bucket_encryption(
                Bucket=name, ServerSideEncryptionConfiguration={"Rules": [rule]}
            )
            self._s3.put_bucket_versioning(
                Bucket=name, VersioningConfiguration={"Status": "Enabled"}
            )
            if days:
                kept = {"DefaultRetention": {"Mode": "GOVERNANCE", "Days": days}}
                self._s3.put_object_lock_configuration(
                    Bucket=name,
                    ObjectLockConfiguration={"ObjectLockEnabled": "Enabled", "Rule": kept},
                )
            arn = f"arn:{self._s3.meta.partition}:s3:::{name}"
            # Over plain HTTP, as in a simulation, the first statement would lock us out as well.
            statements = [*([] if self._plain else [_only_over_tls(arn)]), *_puts(arn, writers)]
            if statements:
                policy = {"Version": "2012-10-17", "Statement": statements}
                self._s3.put_bucket_policy(Bucket=name, Policy=json.dumps(policy))

    def bucket(self, name: str) -> Plain | None:
        """``encrypted``, ``versioned``, ``publicAccessBlocked`` as they are; None if no bucket."""
        with answers(self.endpoint):
            if not self._bucket_exists(name):
                return None
            versioning = self._s3.get_bucket_versioning(Bucket=name)
            return {
                "encrypted": self._has_encryption(name),
                "versioned": versioning.get("Status") == "Enabled",
                "publicAccessBlocked": self._is_closed(name),
            }

    def delete_bucket(self, name: str) -> None:
        """Delete an empty bucket; RefusedError if it holds anything: backups are kept."""
        with answers(self.endpoint):
            if self._bucket_exists(name):
                self._s3.delete_bucket(Bucket=name)

    def put(self, bucket: str, key: str, body: bytes) -> None:
        """Keep ``body`` as the newest version of an object, encrypted as the bucket says."""
        with answers(self.endpoint):
            self._s3.put_object(Bucket=bucket, Key=key, Body=body)

    def objects(self, bucket: str, *, prefix: str) -> tuple[str, ...]:
        """The keys that begin with ``prefix``, in order; RefusedError if there is no bucket."""
        with answers(self.endpoint):
            pages = self._s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
            return tuple(item["Key"] for page in pages for item in page.get("Contents", ()))

    def read(self, bucket: str, key: str) -> bytes:
        """The newest version of an object; RefusedError if there is none."""
        with answers(self.endpoint):
            return bytes(self._s3.get_object(Bucket=bucket, Key=key)["Body"].read())

    def _bucket_exists(self, name: str) -> bool:
        return unless_absent(lambda: self._s3.head_bucket(Bucket=name)) is not None

    def _has_encryption(self, name: str) -> bool:
        found = unless_absent(
            lambda: self._s3.get_bucket_encryption(Bucket=name),
            absent={"ServerSideEncryptionConfigurationNotFoundError"},
        )
        return found is not None

    def _is_closed(self, name: str) -> bool:
        found = unless_absent(
            lambda: self._s3.get_public_access_block(Bucket=name),
            absent={"NoSuchPublicAccessBlockConfiguration"},
        )
        return found is not None and all(found["PublicAccessBlockConfiguration"].values())

    # -- the network ---------------------------------------------------------------------

    def ensure_network(
        self, name: str, *, cidr: str, subnets: Mapping[str, str], open_ports: tuple[int, ...]
    ) -> None:
        """A network with one subnet per zone (zone → CIDR) that lets in only ``open_ports``."""
        with answers(self.endpoint):
            vpc = self._vpc(name)
            vpc_id = vpc["VpcId"] if vpc else self._create_vpc(name, cidr)
            self._close_default_group(vpc_id)
            there = {item["CidrBlock"] for item in self._subnets(vpc_id)}
            for zone, block in sorted(subnets.items()):
                if block not in there:
                    self._ec2.create_subnet(
                        VpcId=vpc_id,
                        CidrBlock=block,
                        AvailabilityZone=zone,
                        TagSpecifications=_tags("subnet", f"{name}-{zone}"),
                    )
            self._ensure_group(name, vpc_id, open_ports, cidr=cidr)

    def network(self, name: str) -> Plain | None:
        """``cidr``, ``subnets`` and ``openPorts`` as they are; None if there is no such network."""
        with answers(self.endpoint):
            vpc = self._vpc(name)
            if vpc is None:
                return None
            subnets = self._subnets(vpc["VpcId"])
            group = self._group(name, vpc["VpcId"])
            rules = group["IpPermissions"] if group else []
            return {
                "cidr": vpc["CidrBlock"],
                "subnets": {item["AvailabilityZone"]: item["CidrBlock"] for item in subnets},
                "openPorts": sorted(rule["FromPort"] for rule in rules),
            }

    def delete_network(self, name: str) -> None:
        """Delete the network and what belongs to it; RefusedError while something else uses it."""
        with answers(self.endpoint):
            vpc = self._vpc(name)
            if vpc is None:
                return
            group = self._group(name, vpc["VpcId"])
            if group:
                self._ec2.delete_security_group(GroupId=group["GroupId"])
            for item in self._subnets(vpc["VpcId"]):
                self._ec2.delete_subnet(SubnetId=item["SubnetId"])
            self._ec2.delete_vpc(VpcId=vpc["VpcId"])

    def network_id(self, name: str) -> str:
        """The cloud's own id of a network; "" if there is none of that name."""
        with answers(self.endpoint):
            found = self._vpc(name)
            return str(found["VpcId"]) if found else ""

    def _vpc(self, name: str) -> Plain | None:
        found = self._ec2.describe_vpcs(Filters=_filters(**{f"tag:{TAG}": name}))["Vpcs"]
        return found[0] if found else None

    def _create_vpc(self, name: str, cidr: str) -> str:
        made = self._ec2.create_vpc(CidrBlock=cidr, TagSpecifications=_tags("vpc", name))
        return str(made["Vpc"]["VpcId"])

    def _subnets(self, vpc_id: str) -> list[Plain]:
        found = self._ec2.describe_subnets(Filters=_filters(**{"vpc-id": vpc_id}))["Subnets"]
        return sorted(found, key=lambda item: item["CidrBlock"])

    def _group(self, name: str, vpc_id: str) -> Plain | None:
        wanted = _filters(**{"vpc-id": vpc_id, "group-name": f"{name}-ingress"})
        found = self._ec2.describe_security_groups(Filters=wanted)["SecurityGroups"]
        return found[0] if found else None

    def _ensure_group(
        self, name: str, vpc_id: str, open_ports: tuple[int, ...], *, cidr: str
    ) -> None:
        if self._group(name, vpc_id) is None:
            self._ec2.create_security_group(
                GroupName=f"{name}-ingress",
                Description="what may come in from outside",
                VpcId=vpc_id,
                TagSpecifications=_tags("security-group", f"{name}-ingress"),
            )
        group = self._group(name, vpc_id)
        assert group is not None
        self._bound_exit(group, cidr)
        there = {rule["FromPort"]: rule for rule in group["IpPermissions"]}
        for port in sorted(set(open_ports) - set(there)):
            self._ec2.authorize_security_group_ingress(
                GroupId=group["GroupId"], IpPermissions=[_open(port)]
            )
        for port in sorted(set(there) - set(open_ports)):
            self._ec2.revoke_security_group_ingress(
                GroupId=group["GroupId"], IpPermissions=[there[port]]
            )

    def _close_default_group(self, vpc_id: str) -> None:
        """The default group lets its members talk; nothing of ours may be in it, or by it out."""
        wanted = _filters(**{"vpc-id": vpc_id, "group-name": "default"})
        for group in self._ec2.describe_security_groups(Filters=wanted)["SecurityGroups"]:
            if group["IpPermissions"]:
                self._ec2.revoke_security_group_ingress(
                    GroupId=group["GroupId"], IpPermissions=group["IpPermissions"]
                )
            if group["IpPermissionsEgress"]:
                self._ec2.revoke_security_group_egress(
                    GroupId=group["GroupId"], IpPermissions=group["IpPermissionsEgress"]
                )

    def _bound_exit(self, group: Plain, cidr: str) -> None:
        """What serves the outside answers it, but begins nothing except inside the network."""
        there = group["IpPermissionsEgress"]
        inside = {"IpProtocol": "-1", "IpRanges": [{"CidrIp": cidr}]}
        if [_ranges(each) for each in there] == [[cidr]]:
            return
        if there:
            self._ec2.revoke_security_group_egress(GroupId=group["GroupId"], IpPermissions=there)
        self._ec2.authorize_security_group_egress(GroupId=group["GroupId"], IpPermissions=[inside])

    # -- public names --------------------------------------------------------------------

    def ensure_record(self, zone: str, name: str, *, address: str) -> None:
        """``name`` answers ``address`` in the hosted ``zone``, which is made if there is none."""
        with answers(self.endpoint):
            zone_id = self._ensure_zone(zone)
            self._change(zone_id, "UPSERT", _record(name, address))

    def record(self, zone: str, name: str) -> str:
        """The address that ``name`` answers; "" for none."""
        with answers(self.endpoint):
            zone_id = self._zone(zone)
            found = [item for item in self._records(zone_id) if item["Name"] == f"{name}."]
            return str(found[0]["ResourceRecords"][0]["Value"]) if found else ""

    def delete_record(self, zone: str, name: str) -> None:
        """Remove the name; the zone goes with its last one, if we made it."""
        with answers(self.endpoint):
            zone_id = self._zone(zone)
            if not zone_id:
                return
            ours = self._records(zone_id)
            gone = [item for item in ours if item["Name"] == f"{name}."]
            for item in gone:
                self._change(zone_id, "DELETE", item)
            comment = self._route53.get_hosted_zone(Id=zone_id)["HostedZone"]["Config"]
            if len(gone) == len(ours) and comment.get("Comment") == TAG:
                self._route53.delete_hosted_zone(Id=zone_id)

    def _zone(self, zone: str) -> str:
        answer = self._route53.list_hosted_zones_by_name(DNSName=zone, MaxItems="1")
        found = [item for item in answer["HostedZones"] if item["Name"] == f"{zone}."]
        return str(found[0]["Id"]) if found else ""

    def _ensure_zone(self, zone: str) -> str:
        with _ZONES:
            return self._zone(zone) or self._create_zone(zone)

    def _create_zone(self, zone: str) -> str:
        # The same reference a second time is refused, so another process cannot make a second one.
        made = self._route53.create_hosted_zone(
            Name=zone, CallerReference=f"xinglin-{zone}", HostedZoneConfig={"Comment": TAG}
        )
        return str(made["HostedZone"]["Id"])

    def _records(self, zone_id: str) -> list[Plain]:
        if not zone_id:
            return []
        pages = self._route53.get_paginator("list_resource_record_sets")
        return [
            item
            for page in pages.paginate(HostedZoneId=zone_id)
            for item in page["ResourceRecordSets"]
            if item["Type"] == "A"
        ]

    def _change(self, zone_id: str, action: str, record: Plain) -> None:
        batch = {"Changes": [{"Action": action, "ResourceRecordSet": record}]}
        self._route53.change_resource_record_sets(HostedZoneId=zone_id, ChangeBatch=batch)


_CLOSED = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")


def unless_absent(call: Any, *, absent: set[str] | frozenset[str] = _ABSENT) -> Any:
    """The answer, or None when the cloud says that there is no such thing."""
    try:
        return call()
    except ClientError as error:
        if error.response.get("Error", {}).get("Code") in absent:
            return None
        raise


def _only_over_tls(arn: str) -> Plain:
    return {
        "Sid": "OnlyOverTLS",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": [arn, f"{arn}/*"],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }


def _puts(arn: str, writers: tuple[str, ...]) -> list[Plain]:
    """That these services of the cloud may put into a bucket."""
    if not writers:
        return []
    return [
        {
            "Sid": "RecordsOfServices",
            "Effect": "Allow",
            "Principal": {"Service": list(writers)},
            "Action": ["s3:GetBucketAcl", "s3:PutObject"],
            "Resource": [arn, f"{arn}/*"],
        }
    ]


def _filters(**wanted: str) -> list[Plain]:
    return [{"Name": name, "Values": [value]} for name, value in wanted.items()]


def _tags(kind: str, name: str) -> list[Plain]:
    tags = [{"Key": TAG, "Value": name}, {"Key": "Name", "Value": name}]
    return [{"ResourceType": kind, "Tags": tags}]


def _ranges(permission: Plain) -> list[str]:
    peers = ("UserIdGroupPairs", "PrefixListIds", "Ipv6Ranges")
    found = [each["CidrIp"] for each in permission["IpRanges"]]
    return found + [str(each) for kind in peers for each in permission.get(kind, ())]


def _open(port: int) -> Plain:
    return {
        "IpProtocol": "tcp",
        "FromPort": port,
        "ToPort": port,
        "IpRanges": [{"CidrIp": "0.0.0.0/0"}],
    }


def _record(name: str, address: str) -> Plain:
    values = [{"Value": address}]
    return {"Name": f"{name}.", "Type": "A", "TTL": TTL, "ResourceRecords": values}
