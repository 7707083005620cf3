"""Reads a line of JSON for each thing to do, and writes one with what came of it."""

import json
import os
import sys


def _failure(error):
    fields = {name: getattr(error, name, None) for name in ("status_code", "code", "type", "param")}
    fields["status"] = fields.pop("status_code")
    return {"kind": type(error).__name__, "message": str(error), **fields}


def serve(cases):
    """Serves cases by their names; each is a function of what its line holds."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # only answers go to standard output
    for line in sys.stdin:
        given = json.loads(line)
        try:
            answer = {"ok": cases[given.pop("case")](**given)}
        except Exception as error:
            answer = {"error": _failure(error)}
        answers.write(json.dumps(answer) + "\n")
        answers.flush()
