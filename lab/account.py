"""Who may do what in the account of a public cloud: a user for each identity, with its policy.

Pulumi makes networks, buckets and names there, operators keep copies of evidence, the auditor
reads how the account is set and those copies. Nobody has the account's root.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from hospital.estate import Estate, Site
from providers.archive import PREFIX

Plain = dict[str, Any]

_READ = (
    *("cloudtrail:DescribeTrails", "cloudtrail:GetEventSelectors", "cloudtrail:GetTrailStatus"),
    *("ec2:Describe*", "elasticloadbalancing:Describe*", "iam:Get*", "iam:List*"),
    *("kms:DescribeKey", "kms:GetKeyPolicy", "kms:GetKeyRotationStatus", "kms:ListKeys"),
    *("logs:DescribeLogGroups", "cloudwatch:DescribeAlarms", "monitoring:DescribeAlarms"),
    *("rds:DescribeDBInstances", "s3:ListAllMyBuckets", "s3:ListBucket", "s3:GetBucket*"),
    *("s3:GetEncryptionConfiguration", "s3:GetPublicAccessBlock"),
)
_SHAPE = (*_READ, "cloudtrail:*", "ec2:*", "iam:UpdateAccountPasswordPolicy", "route53:*", "s3:*")


def grants(estate: Estate, site: Site, identity: str) -> list[Plain]:
    """The statements of an identity's policy in the account behind a site."""
    partition = "aws-cn" if site.region.startswith("cn-") else "aws"
    bucket = f"arn:{partition}:s3:::{estate.bucket(site.name)}"
    copies = f"{bucket}/{PREFIX}*"
    if identity == "pulumi":
        return [_allow(_SHAPE, "*")]
    if identity == "auditor":
        return [_allow(_READ, "*"), _allow(("s3:GetObject",), copies)]
    return [_allow(("s3:ListBucket",), bucket), _allow(("s3:GetObject", "s3:PutObject"), copies)]


def _allow(actions: Iterable[str], resource: str) -> Plain:
    return {"Effect": "Allow", "Action": [*actions], "Resource": resource}


def users(estate: Estate, site: Site, keys: Mapping[str, Mapping[str, str]]) -> Plain:
    """What the server is told: identity → its key (``cloud.json``) and its policy."""
    told = {
        identity: {
            "key": dict(key),
            "policy": {"Version": "2012-10-17", "Statement": grants(estate, site, identity)},
        }
        for identity, key in keys.items()
    }
    return {"region": site.region, "users": told}
