"""What an account must have before anything is put in: rules for passwords, and its own records.

The record of calls (CloudTrail) and of what flows in the network go to a bucket that nobody can
empty for six months. They are never deleted by us: taking the baseline away stops the writing, and
what was written stays.
"""

from __future__ import annotations

from typing import Any

from hospital.errors import RefusedError
from providers.aws import Cloud, answers, unless_absent

KEPT = 180  # days; not less than six months (Cybersecurity Law, article 21)
WRITERS = ("cloudtrail.amazonaws.com", "delivery.logs.amazonaws.com")
PASSWORDS: dict[str, Any] = {
    "MinimumPasswordLength": 12,
    "RequireSymbols": True,
    "RequireNumbers": True,
    "RequireUppercaseCharacters": True,
    "RequireLowercaseCharacters": True,
    "MaxPasswordAge": 90,
    "PasswordReusePrevention": 5,
}


class Baseline:
    """The baseline of one account, kept in one bucket, for one network."""

    def __init__(self, cloud: Cloud, name: str, *, network: str) -> None:
        """``name`` is the trail's and the bucket's, so it is unique in the whole cloud."""
        self._cloud = cloud
        self._name = name
        self._network = network

    def ensure(self) -> None:
        """Make what is missing; RefusedError if there is no such network."""
        cloud, name = self._cloud, self._name
        network = cloud.network_id(self._network)
        if not network:
            raise RefusedError(cloud.endpoint, f"there is no network {self._network}")
        cloud.ensure_bucket(name, days=KEPT, writers=WRITERS)
        with answers(cloud.endpoint):
            cloud.client("iam").update_account_password_policy(**PASSWORDS)
            self._ensure_trail()
            if not self._flows(network):
                self._log_flows(network)

    def seen(self) -> dict[str, bool] | None:
        """``passwords``, ``trail``, ``flows``: if it is there; None if nothing is written."""
        network = self._cloud.network_id(self._network)
        with answers(self._cloud.endpoint):
            found = {
                "passwords": self._passwords() == PASSWORDS,
                "trail": self._records_all(),
                "flows": bool(network and self._flows(network)),
            }
        return found if found["trail"] or found["flows"] else None

    def stop(self) -> None:
        """Write no more; the rules for passwords stay too, for they are the account's."""
        cloud = self._cloud
        network = cloud.network_id(self._network)
        with answers(cloud.endpoint):
            if self._trail():
                cloud.client("cloudtrail").delete_trail(Name=self._name)
            logs = self._flows(network) if network else []
            if logs:
                cloud.client("ec2").delete_flow_logs(FlowLogIds=logs)

    def _ensure_trail(self) -> None:
        trails = self._cloud.client("cloudtrail")
        settings = {
            "Name": self._name,
            "S3BucketName": self._name,
            "IncludeGlobalServiceEvents": True,
            "IsMultiRegionTrail": True,
            "EnableLogFileValidation": True,
        }
        make = trails.update_trail if self._trail() else trails.create_trail
        make(**settings)
        everything = {"ReadWriteType": "All", "IncludeManagementEvents": True}
        trails.put_event_selectors(TrailName=self._name, EventSelectors=[everything])
        trails.start_logging(Name=self._name)

    def _trail(self) -> dict[str, Any]:
        listed = self._cloud.client("cloudtrail").describe_trails()["trailList"]
        return next((each for each in listed if each["Name"] == self._name), {})

    def _records_all(self) -> bool:
        trail = self._trail()
        wanted = ("IsMultiRegionTrail", "LogFileValidationEnabled")
        if not all(trail.get(each) for each in wanted):
            return False
        return bool(self._cloud.client("cloudtrail").get_trail_status(Name=self._name)["IsLogging"])

    def _passwords(self) -> dict[str, Any]:
        read = self._cloud.client("iam").get_account_password_policy
        found = unless_absent(read, absent={"NoSuchEntity"}) or {"PasswordPolicy": {}}
        return {key: found["PasswordPolicy"].get(key) for key in PASSWORDS}

    def _flows(self, network: str) -> list[str]:
        found = self._cloud.client("ec2").describe_flow_logs(
            Filters=[{"Name": "resource-id", "Values": [network]}]
        )
        return [each["FlowLogId"] for each in found["FlowLogs"]]

    def _log_flows(self, network: str) -> None:
        client = self._cloud.client("ec2")
        answer = client.create_flow_logs(
            ResourceIds=[network],
            ResourceType="VPC",
            TrafficType="ALL",
            LogDestinationType="s3",
            LogDestination=f"arn:{client.meta.partition}:s3:::{self._name}",
        )
        for failed in answer["Unsuccessful"]:
            raise RefusedError(self._cloud.endpoint, f"flow logs: {failed['Error']['Message']}")
