"""doctor: looks at everything that serving needs, and says how to mend what is wrong."""

from __future__ import annotations

import sys
from collections.abc import Sequence

import click

from metier import config
from metier.cli._config import set_option
from metier.cli._findings import report
from metier.cli._output import json_option

__all__ = ["doctor", "report"]


@click.command()
@set_option
@json_option
def doctor(flags: Sequence[str], as_json: bool) -> None:
    """Checks the whole installation; changes nothing.

    Configuration, permissions, disk, keys, store, clock, chat platforms, policies, plugins,
    models, index, engine, what finds names, collector, addresses. Each finding says how to mend
    it. The status is 1 where one has failed.
    """
    from metier.cli._doctor_parts import examine

    sys.exit(report(examine(config.home(), flags), as_json))
