"""A cloud account as its provider's API shows it: identities, logs, keys, buckets, networks.

Read by calls that only read (``providers/account/``), with the API of AWS. In the lab the provider
is simulated (moto): it shows that the calls are right, not how a real cloud behaves.

A part (``users``, ``buckets``, …) or a field is None if the cloud refused to show it, and then
stands among what the survey could not see.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class PasswordPolicy:
    """``GetAccountPasswordPolicy``; all are 0 if the account has none of its own."""

    length: int  # characters at least
    classes: int  # of the four kinds of character, those that are demanded
    days: int  # after which a password must be changed; 0: never
    remembered: int  # former passwords that may not come back


@dataclass(frozen=True, slots=True)
class Root:
    """``GetAccountSummary``: the owner of the account, who can do everything."""

    second_factor: bool
    keys: bool  # has access keys


@dataclass(frozen=True, slots=True)
class AccessKey:
    """A key for programs; its identifier is no secret."""

    id: str
    active: bool
    created: date
    last_used: date | None = None  # absent if it never was


@dataclass(frozen=True, slots=True)
class CloudUser:
    """An IAM user."""

    name: str
    created: date
    all_powerful: bool  # a policy of his or of his groups allows every action on everything
    console: bool | None = None  # can log in with a password
    factors: int | None = None  # second factors (MFA devices)
    keys: tuple[AccessKey, ...] | None = None
    last_login: date | None = None  # absent if there was none


@dataclass(frozen=True, slots=True)
class CloudRole:
    """An IAM role, without those that the provider's own services made."""

    name: str
    all_powerful: bool
    trusts_everybody: bool  # its trust policy names nobody and has no condition


@dataclass(frozen=True, slots=True)
class Trail:
    """CloudTrail: a record of calls to the API."""

    name: str
    bucket: str  # where the record is kept
    every_region: bool
    validated: bool  # digests of the files are written and signed
    logging: bool | None = None  # now
    writes: bool | None = None  # records every call that changes something


@dataclass(frozen=True, slots=True)
class LogGroup:
    """CloudWatch Logs."""

    name: str
    days: int  # that entries are kept; 0: for ever


@dataclass(frozen=True, slots=True)
class Alarm:
    """CloudWatch."""

    name: str
    tells: bool  # its actions are on, and there is one


@dataclass(frozen=True, slots=True)
class CryptoKey:
    """KMS: a key of the customer's."""

    arn: str
    state: str  # "Enabled", "Disabled", "PendingDeletion", …
    rotation: str | None = None  # "on", "off", or "never" for a kind that cannot be rotated
    open_to_everybody: bool | None = None  # its policy names nobody and has no condition
    used_by: tuple[str, ...] | None = None  # "bucket <name>", "volume <id>", "database <name>"


@dataclass(frozen=True, slots=True)
class AccountBucket:
    """S3."""

    name: str
    region: str | None = None
    open_to_everybody: bool | None = None  # by its policy or by a grant to all
    closed: bool | None = None  # all four blocks of public access are its own
    versioned: bool | None = None
    encryption: str | None = None  # "AES256", "aws:kms", …; "" for none by default
    key: str | None = None  # id or ARN of the KMS key; "" for one of the provider's
    tls_only: bool | None = None
    retention_days: int | None = None  # that nothing can be deleted (object lock); 0: it can


@dataclass(frozen=True, slots=True)
class Network:
    """A VPC that something is attached to, or that is not the provider's default one."""

    name: str
    flows_logged: bool | None = None  # an active log of accepted and refused traffic


@dataclass(frozen=True, slots=True)
class Opening:
    """What a security group lets through."""

    peer: str  # range of addresses, or the id of a group or prefix list
    protocol: str  # "tcp", "udp", …; "-1" for all
    first: int  # port; 0 to 65535 for all
    last: int


@dataclass(frozen=True, slots=True)
class SecurityGroup:
    """Of a network above."""

    id: str
    name: str
    inbound: tuple[Opening, ...]
    outbound: tuple[Opening, ...]


@dataclass(frozen=True, slots=True)
class Subnet:
    """Of a network above."""

    name: str
    public_addresses: bool  # gives one to every machine that starts in it


@dataclass(frozen=True, slots=True)
class Machine:
    """EC2, unless it is terminated."""

    id: str
    public_address: str  # "" for none
    token_required: bool  # metadata, credentials among them, only to who first asks for a token


@dataclass(frozen=True, slots=True)
class Volume:
    """An EBS volume, or the storage of an RDS database."""

    id: str  # "volume <id>", "database <name>"
    encrypted: bool
    key: str = ""  # ARN of the KMS key


@dataclass(frozen=True, slots=True)
class Copy:
    """A snapshot or an image of the account's own."""

    id: str
    encrypted: bool
    public: bool | None = None  # anybody may use it


@dataclass(frozen=True, slots=True)
class Listener:
    """A port of a load balancer."""

    port: int
    protocol: str  # "HTTP", "HTTPS", "TCP", "TLS", …
    redirects: bool  # only sends clients to HTTPS
    versions: tuple[str, ...] = ()  # of TLS that its policy takes: "TLSv1.2", …


@dataclass(frozen=True, slots=True)
class Balancer:
    """ELBv2."""

    name: str
    logged: bool | None = None  # who called is written to a bucket
    listeners: tuple[Listener, ...] | None = None


@dataclass(frozen=True, slots=True)
class ManagedDatabase:
    """RDS."""

    name: str
    public: bool  # has an address that the world can reach
    backup_days: int  # that automatic backups are kept; 0: there are none
    guarded: bool  # cannot be deleted in one step


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """Something that holds data in another region than the declared one."""

    region: str
    what: str  # "bucket <name>", "machine <id>", …


@dataclass(frozen=True, slots=True)
class AccountFacts:
    """What the API answered."""

    account: str | None = None  # the provider's number of it
    passwords: PasswordPolicy | None = None
    root: Root | None = None
    users: tuple[CloudUser, ...] | None = None
    roles: tuple[CloudRole, ...] | None = None
    trails: tuple[Trail, ...] | None = None
    log_groups: tuple[LogGroup, ...] | None = None
    alarms: tuple[Alarm, ...] | None = None
    crypto_keys: tuple[CryptoKey, ...] | None = None
    buckets: tuple[AccountBucket, ...] | None = None
    networks: tuple[Network, ...] | None = None
    groups: tuple[SecurityGroup, ...] | None = None
    subnets: tuple[Subnet, ...] | None = None
    machines: tuple[Machine, ...] | None = None
    volumes: tuple[Volume, ...] | None = None
    copies: tuple[Copy, ...] | None = None
    balancers: tuple[Balancer, ...] | None = None
    databases: tuple[ManagedDatabase, ...] | None = None
    elsewhere: tuple[Elsewhere, ...] | None = None


@dataclass(frozen=True, slots=True)
class SurveyedAccount:
    """The account behind a public-cloud site."""

    site: str
    endpoint: str  # URL of the API; "" for the provider's own
    region: str  # the declared one
    facts: AccountFacts
