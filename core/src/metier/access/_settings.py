"""What can be configured of access, as it stands in metier.toml."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    field_validator,
    model_validator,
)


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


RoleName = Literal["member", "author", "operator", "privacy_officer", "auditor"]
"""What an actor is to others' data; policies say what each may do."""
ScopeName = Literal["chat", "profile", "privacy", "search", "subject", "audit", "access", "*"]
"""What a credential is for: kinds of routes, or all of them."""
Algorithm = Literal[
    "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"
]
"""How a token may be signed: asymmetric algorithms alone."""

_Id = Annotated[str, StringConstraints(min_length=1, max_length=512)]
_Claim = Annotated[str, StringConstraints(max_length=256)]


class IssuerSettings(_Strict):
    """An OpenID Connect issuer whose tokens are taken.

    Args:
        issuer: exactly what tokens say under `iss`.
        audience: what they must say under `aud`: the name metier has at the issuer.
        jwks_url: where its public keys are; https, or http on this machine.
        private: whether that address may be a private one.
        tenant: of all its people; the installation's where neither this nor a claim says.
        tenant_claim: the claim that names the tenant, which must be one of `tenants`.
        actor_claim: the claim that names the person.
        actor_prefix: goes before that name; two issuers of one tenant need different
            ones, of which neither begins with the other.
        roles_claim: the claim that lists groups or roles; a path such as
            `realm_access.roles` leads into objects.
        roles: what each of them is here. Whom none fits is a member.
        may_act_for_claim: the claim that lists subjects the person may act for.
        scopes: what its tokens are for.
        leeway_seconds: by how much its clock may differ.
        max_hours: the longest life of a token.
        keep_keys_minutes: how long its keys are used while it can't be reached.
    """

    issuer: str = Field(min_length=1, max_length=512)
    audience: str = Field(min_length=1, max_length=512)
    jwks_url: str = Field(max_length=2048)
    private: bool = False
    tenant: str = ""
    tenant_claim: _Claim = ""
    tenants: tuple[_Id, ...] = ()
    actor_claim: _Claim = Field(default="sub", min_length=1)
    actor_prefix: str = Field(default="", max_length=64)
    roles_claim: _Claim = ""
    roles: dict[str, tuple[RoleName, ...]] = Field(default_factory=dict)
    may_act_for_claim: _Claim = ""
    scopes: tuple[ScopeName, ...] = ("chat", "profile", "privacy", "search", "subject")
    algorithms: tuple[Algorithm, ...] = Field(default=("RS256", "ES256"), min_length=1)
    leeway_seconds: int = Field(default=30, ge=0, le=300)
    max_hours: int = Field(default=24, ge=1, le=744)
    keep_keys_minutes: int = Field(default=60, ge=5, le=1440)

    @property
    def host(self) -> str:
        """The host of its keys, for messages."""
        return urlsplit(self.jwks_url).hostname or ""

    @field_validator("jwks_url")
    @classmethod
    def _secure(cls, url: str) -> str:
        parts = urlsplit(url)
        local = parts.hostname in ("localhost", "127.0.0.1", "::1")
        if parts.scheme != "https" and not (parts.scheme == "http" and local):
            raise ValueError("must start with https://, unless it is on this machine")
        if not parts.hostname or parts.username or parts.query or parts.fragment:
            raise ValueError("must be an address without user, query and fragment")
        return url

    @model_validator(mode="after")
    def _one_tenant_rule(self) -> Self:
        if self.tenant and self.tenant_claim:
            raise ValueError("give `tenant` or `tenant_claim`, not both")
        if bool(self.tenant_claim) != bool(self.tenants):
            raise ValueError("`tenant_claim` needs `tenants`, the list of those it may name")
        if self.roles and not self.roles_claim:
            raise ValueError("`roles` needs `roles_claim`, the claim that lists them")
        return self


class PlatformSettings(_Strict):
    """A chat platform (Open WebUI) whose key acts for whoever it has signed for, and nobody else.

    Args:
        actor: whom the platform's key stands for; it needs a grant for its users.
        tenant: of that actor; the installation's where nothing is said.
        secret_env: the variable with the secret that the platform signs its users with.
    """

    actor: _Id
    tenant: str = ""
    secret_env: str = Field(min_length=1, max_length=256)


class AccessSettings(_Strict):
    """Who is let in besides the actors.

    Args:
        issuers: whose tokens are taken.
        platforms: whose keys act for users that they sign for.
        recheck_seconds: how long a credential that held isn't checked again; so long a
            key revoked by another process still works.
        failures_a_minute: failed authentications of one address before it has to wait.
    """

    issuers: tuple[IssuerSettings, ...] = ()
    platforms: tuple[PlatformSettings, ...] = ()
    recheck_seconds: int = Field(default=5, ge=0, le=300)
    failures_a_minute: int = Field(default=30, ge=1, le=100_000)


def check_platforms(platforms: Sequence[PlatformSettings], tenant: str) -> None:
    """Checks that no two have one actor: only one of their secrets would hold.

    Raises:
        ValueError: two have.
    """
    actors = [(each.tenant or tenant, each.actor) for each in platforms]
    if len(set(actors)) < len(actors):
        raise ValueError("access.platforms: two have the same `actor`; give each one of its own")


def check_issuers(issuers: Sequence[IssuerSettings], tenant: str) -> None:
    """Checks that no issuer can name another's people.

    Args:
        tenant: of issuers that say nothing of tenants.

    Raises:
        ValueError: two are the same, or share a tenant and can make the same name in it.
    """
    for place, one in enumerate(issuers):
        for other in issuers[:place]:
            if one.issuer == other.issuer:
                raise ValueError("access.issuers: two have the same `issuer`")
            mine, theirs = one.actor_prefix, other.actor_prefix
            alike = mine.startswith(theirs) or theirs.startswith(mine)
            if alike and _tenants(one, tenant) & _tenants(other, tenant):
                raise ValueError(
                    "access.issuers: two name people of one tenant; give each an `actor_prefix` "
                    "that the other's doesn't begin with, or one could name the other's people"
                )


def _tenants(issuer: IssuerSettings, tenant: str) -> set[str]:
    return set(issuer.tenants) or {issuer.tenant or tenant}
