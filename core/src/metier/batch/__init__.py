"""Files of requests, answered offline: read, run with a bound, and go on where a run stopped.

The form of the files is that of OpenAI's Batch API. What answers a line is handed in, so this
room knows of no engine and no server.
"""

from metier.batch._file import Batch, Line, read_batch
from metier.batch._journal import Journal
from metier.batch._run import Reply, Send, Summary, run_batch

__all__ = ["Batch", "Journal", "Line", "Reply", "Send", "Summary", "read_batch", "run_batch"]
