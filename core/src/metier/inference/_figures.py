"""What a vLLM tells of its own work, out of its page of metrics."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from metier.model import MetierError

if TYPE_CHECKING:
    from metier.egress import EgressClient

FIGURES: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {
        "running": ("vllm:num_requests_running", "requests being answered"),
        "waiting": ("vllm:num_requests_waiting", "requests waiting"),
        "cache_used": ("vllm:kv_cache_usage_perc", "part of the KV cache in use"),
        "prompt_tokens": ("vllm:prompt_tokens_total", "prompt tokens read"),
        "generated_tokens": ("vllm:generation_tokens_total", "tokens generated"),
        "prefix_queries": (
            "vllm:prefix_cache_queries_total", "prompt tokens looked up in the cache",
        ),
        "prefix_hits": ("vllm:prefix_cache_hits_total", "of those, found there"),
        "preemptions": ("vllm:num_preemptions_total", "requests put off for want of memory"),
    }
)  # fmt: skip
"""By the name here: vLLM's own name, and what it is. Those since its start begin anew with it."""
_PATIENCE: Final = 3.0
_PAGE: Final = 4 * 1024 * 1024


def read_metrics(text: str) -> dict[str, float]:
    """The figures of a page of metrics; sums over models and engines."""
    found: dict[str, float] = {}
    for key, (metric, _) in FIGURES.items():
        samples = re.findall(rf"^{re.escape(metric)}(?:\{{.*\}})? (\S+)$", text, re.M)
        if samples:
            found[key] = sum(float(value) for value in samples)
    return found


async def ask_metrics(client: EgressClient, target: str) -> dict[str, float]:
    """The figures of a server; none where it doesn't tell.

    Args:
        target: by what name the client knows the server's root, where vLLM has its page.
    """
    try:
        async with asyncio.timeout(_PATIENCE), client.get(target, "/metrics") as response:
            if response.status != 200:
                return {}
            page = await response.read(_PAGE)
        # A page has thousands of lines, and streams are under way.
        return await asyncio.to_thread(read_metrics, page.decode("utf-8", "replace"))
    except (MetierError, TimeoutError, ValueError):
        return {}
