"""metier for LangChain: assistants as a Runnable, knowledge as a retriever, the privacy layer.

agent = create_agent(model, tools, middleware=[PrivacyMiddleware()])
chain = hide(scrubber) | model | restored(scrubber)
tutor = MetierRunnable(app, "education")
"""

from metier.langchain._middleware import PrivacyMiddleware
from metier.langchain._runnables import MetierRetriever, MetierRunnable, hide, restored

__all__ = ["MetierRetriever", "MetierRunnable", "PrivacyMiddleware", "hide", "restored"]
