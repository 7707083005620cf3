"""The plan: segments ordered by volatility, and how a model reads them.

Most stable first (tools, domain, policy, cohort, constraints, profile,
history, passages, the message), so that the longest possible prefix of two
prompts is byte-identical and a model server's prefix cache hits.
"""

from __future__ import annotations

from metier._messages import passage_line, render
from metier.prompt._plan import build_plan

__all__ = ["build_plan", "passage_line", "render"]
