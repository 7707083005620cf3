"""Engines: what turns a pseudonymised plan into typed events.

`GroundedEngine` composes from passages and profile with no model,
`OpenAIEngine` speaks to vLLM or any OpenAI-compatible server, and
`LangChainEngine` drives a LangChain chat model. Each encodes the exact bytes
that would leave, so that the guard can scan them, and then sends just those. `Pool` puts
several servers of one target behind one engine, and `WithFallbacks` engines of other
targets behind it.
"""

from __future__ import annotations

from metier.inference._circuit import Circuit
from metier.inference._fallback import WithFallbacks, adapter_of, fallbacks_of, figures_of
from metier.inference._figures import FIGURES, ask_metrics, read_metrics
from metier.inference._grounded import GroundedEngine
from metier.inference._langchain import LangChainEngine
from metier.inference._openai import STANDARD_EXTRA, VLLM_EXTRA, OpenAIEngine
from metier.inference._pool import Backend, Pool, Standing, Timeouts
from metier.inference._prefix import prefix_key, ranked
from metier.inference._vllm import ServerEngine, VllmOptions, check_adapter

__all__ = [
    "FIGURES",
    "STANDARD_EXTRA",
    "VLLM_EXTRA",
    "Backend",
    "Circuit",
    "GroundedEngine",
    "LangChainEngine",
    "OpenAIEngine",
    "Pool",
    "ServerEngine",
    "Standing",
    "Timeouts",
    "VllmOptions",
    "WithFallbacks",
    "adapter_of",
    "ask_metrics",
    "check_adapter",
    "fallbacks_of",
    "figures_of",
    "prefix_key",
    "ranked",
    "read_metrics",
]
