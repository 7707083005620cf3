"""Engines: what turns a pseudonymised plan into typed events.

`GroundedEngine` composes from passages and profile with no model,
`OpenAIEngine` speaks to vLLM or any OpenAI-compatible server, and
`LangChainEngine` drives a LangChain chat model. Each encodes the exact bytes
that would leave, so that the guard can scan them, and then sends just those.
"""

from __future__ import annotations

from metier.inference._grounded import GroundedEngine
from metier.inference._langchain import LangChainEngine
from metier.inference._openai import OpenAIEngine

__all__ = ["GroundedEngine", "LangChainEngine", "OpenAIEngine"]
