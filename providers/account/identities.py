"""Who may enter an account: the rules for passwords, its owner, users, roles."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from hospital.permissions import admits_everybody, allows_everything
from hospital.surveyed.account import AccessKey, CloudRole, CloudUser, PasswordPolicy, Root
from providers.account.look import Look, Plain

_CLASSES = ("Symbols", "Numbers", "UppercaseCharacters", "LowercaseCharacters")
_OF_SERVICES = "/aws-service-role/"  # made by the provider's services, and changed by nobody else
_DETAILS = ("UserDetailList", "GroupDetailList", "RoleDetailList", "Policies")


def passwords(look: Look) -> PasswordPolicy | None:
    """The account's own rules for passwords."""
    iam = look.client("iam")

    def read() -> PasswordPolicy:
        answer = look.optional(iam.get_account_password_policy, "NoSuchEntity")
        found = answer.get("PasswordPolicy", {})
        return PasswordPolicy(
            length=found.get("MinimumPasswordLength", 0),
            classes=sum(bool(found.get(f"Require{kind}")) for kind in _CLASSES),
            days=found.get("MaxPasswordAge", 0),
            remembered=found.get("PasswordReusePrevention", 0),
        )

    return look.ask(read)


def root(look: Look) -> Root | None:
    """How the owner of the account logs in."""
    found = look.ask(lambda: look.client("iam").get_account_summary()["SummaryMap"])
    if found is None:
        return None
    return Root(
        second_factor=bool(found["AccountMFAEnabled"]), keys=bool(found["AccountAccessKeysPresent"])
    )


def users(look: Look) -> tuple[CloudUser, ...] | None:
    """Every user, with what he can log in with."""
    details, logins = _details(look), look.ask(lambda: look.pages("iam", "list_users", "Users"))
    if details is None or logins is None:
        return None
    last = {each["UserName"]: each.get("PasswordLastUsed") for each in logins}
    return tuple(
        _user(look, each, powerful=_powerful(each, details), last=last.get(each["UserName"]))
        for each in details["UserDetailList"]
    )


def roles(look: Look) -> tuple[CloudRole, ...] | None:
    """Every role that people or the hospital's programs made."""
    details = _details(look)
    if details is None:
        return None
    return tuple(
        CloudRole(
            name=each["RoleName"],
            all_powerful=_powerful(each, details),
            trusts_everybody=admits_everybody(each["AssumeRolePolicyDocument"]),
        )
        for each in details["RoleDetailList"]
        if not each["Path"].startswith(_OF_SERVICES)
    )


def _details(look: Look) -> Plain | None:
    """Users, groups, roles and policies, each with its documents."""
    pages = look.client("iam").get_paginator("get_account_authorization_details")

    def read() -> Plain:
        found: Plain = {kind: [] for kind in _DETAILS}
        for page in pages.paginate():
            for kind in _DETAILS:
                found[kind] += page.get(kind, [])
        return found

    return look.ask(read)


def _powerful(identity: Plain, details: Plain) -> bool:
    """Whether a policy of the user or the role, or of the user's groups, allows everything."""
    groups = [
        each
        for each in details["GroupDetailList"]
        if each["GroupName"] in identity.get("GroupList", ())
    ]
    return any(_allows(each, details["Policies"]) for each in (identity, *groups))


def _allows(holder: Plain, policies: list[Plain]) -> bool:
    attached = {each["PolicyArn"] for each in holder.get("AttachedManagedPolicies", ())}
    inline = [
        each["PolicyDocument"]
        for kind in ("UserPolicyList", "GroupPolicyList", "RolePolicyList")
        for each in holder.get(kind, ())
    ]
    managed = [
        version["Document"]
        for policy in policies
        if policy["Arn"] in attached
        for version in policy["PolicyVersionList"]
        if version["IsDefaultVersion"]
    ]
    return any(map(allows_everything, (*inline, *managed)))


def _user(look: Look, user: Plain, *, powerful: bool, last: datetime | None) -> CloudUser:
    name, iam = user["UserName"], look.client("iam")
    login = look.ask(
        lambda: look.optional(lambda: iam.get_login_profile(UserName=name), "NoSuchEntity")
    )
    devices = look.ask(lambda: look.pages("iam", "list_mfa_devices", "MFADevices", UserName=name))
    return CloudUser(
        name=name,
        created=_day(user["CreateDate"]),
        all_powerful=powerful,
        console=None if login is None else bool(login),
        factors=None if devices is None else len(devices),
        keys=look.ask(lambda: _keys(look, name)),
        last_login=None if last is None else _day(last),
    )


def _keys(look: Look, user: str) -> tuple[AccessKey, ...]:
    listed = look.pages("iam", "list_access_keys", "AccessKeyMetadata", UserName=user)
    return tuple(_key(look, each) for each in listed)


def _key(look: Look, key: Plain) -> AccessKey:
    asked = look.client("iam").get_access_key_last_used(AccessKeyId=key["AccessKeyId"])
    used = asked["AccessKeyLastUsed"].get("LastUsedDate")
    return AccessKey(
        id=key["AccessKeyId"],
        active=key["Status"] == "Active",
        created=_day(key["CreateDate"]),
        last_used=None if used is None else _day(used),
    )


def _day(moment: Any) -> date:
    day: date = moment.date()
    return day
