"""An account's load balancers in one region: what they listen to, and what they write down."""

from __future__ import annotations

from hospital.surveyed.account import Balancer, Listener
from providers.account.look import Look, Plain

_LOGGED = "access_logs.s3.enabled"


def balancers(look: Look) -> tuple[Balancer, ...] | None:
    """Every load balancer with its listeners."""
    found = look.ask(lambda: look.pages("elbv2", "describe_load_balancers", "LoadBalancers"))
    return None if found is None else tuple(_balancer(look, each) for each in found)


def _balancer(look: Look, balancer: Plain) -> Balancer:
    arn = balancer["LoadBalancerArn"]
    client = look.client("elbv2")
    read = look.ask(lambda: client.describe_load_balancer_attributes(LoadBalancerArn=arn))
    logged = None
    if read is not None:
        values = {each["Key"]: each["Value"] for each in read["Attributes"]}
        logged = values.get(_LOGGED) == "true"
    return Balancer(balancer["LoadBalancerName"], logged, look.ask(lambda: _listeners(look, arn)))


def _listeners(look: Look, arn: str) -> tuple[Listener, ...]:
    found = look.pages("elbv2", "describe_listeners", "Listeners", LoadBalancerArn=arn)
    return tuple(_listener(look, each) for each in found)


def _listener(look: Look, listener: Plain) -> Listener:
    encrypted = listener["Protocol"] in {"HTTPS", "TLS"}
    return Listener(
        port=listener["Port"],
        protocol=listener["Protocol"],
        redirects=all(map(_to_https, listener["DefaultActions"])),
        versions=_versions(look, listener["SslPolicy"]) if encrypted else (),
    )


def _to_https(action: Plain) -> bool:
    return bool(action["Type"] == "redirect" and action["RedirectConfig"]["Protocol"] == "HTTPS")


def _versions(look: Look, policy: str) -> tuple[str, ...]:
    found = look.client("elbv2").describe_ssl_policies(Names=[policy])["SslPolicies"]
    return tuple(version for each in found for version in each["SslProtocols"])
