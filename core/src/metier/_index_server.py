"""The Qdrant server that is configured, and whether the policies let it be asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from metier import config
from metier._sources import secret
from metier.model import MetierError
from metier.policy import LOCAL, PolicySet

if TYPE_CHECKING:
    from metier.knowledge import QdrantServer


def refused_index(settings: config.Settings, policy: PolicySet) -> MetierError | None:
    """Why the policies let no words go to the index server; None where they do, or there is none.

    A search tells the server what somebody asks, unmasked but for who they are. So it may only
    be one that a policy declares as part of `local`, with its address.
    """
    url = settings.index.url.rstrip("/")
    if not url:
        return None
    target = policy.target(LOCAL)
    declared = (target.base_url, *target.base_urls) if target else ()
    if url in [each.rstrip("/") for each in declared]:
        return None
    return MetierError(
        f"metier.toml: `index`: no policy declares the address for the target '{LOCAL}', and "
        "searches are sent there unmasked. List it under `base_url` or `base_urls` of "
        f"`targets.{LOCAL}` in a policy file named in metier.toml, and `{LOCAL}` under "
        "`allow_targets` where there are any.",
        code="target_not_allowed",
    )


def index_server(settings: config.Settings, policy: PolicySet) -> QdrantServer | None:
    """The Qdrant server of the index; None where the index is in the home.

    Raises:
        MetierError: its client is not installed, its key is not set, or no policy declares
            its address.
    """
    from metier.egress import TargetRule
    from metier.encoder import Encoder
    from metier.knowledge import QdrantServer

    chosen = settings.index
    if (refused := refused_index(settings, policy)) is not None:
        raise refused
    if not chosen.url:
        return None
    key = secret(chosen.api_key_env) if chosen.api_key_env else None
    if chosen.api_key_env and not key:
        raise MetierError(
            f"metier.toml: `index` names the variable {chosen.api_key_env}, which is not set. "
            "Set it to the API key of the Qdrant server.",
            code="bad_config",
        )
    wait = chosen.timeout_seconds
    rule = TargetRule(
        base_url=chosen.url,
        private=True,
        connect=wait,
        first_byte=wait,
        between_bytes=wait,
    )
    model = "none" if settings.embeddings == "none" else Encoder.fingerprint
    return QdrantServer.at(LOCAL, rule, key, chosen.name, model)
