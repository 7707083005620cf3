"""What a running metier does now and then, in the background."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from metier._faults import log_fault
from metier.model import MetierError

if TYPE_CHECKING:
    from metier.app import Metier

_log = logging.getLogger("metier")
_PURGE_SECONDS = 3600.0
_POLICY_SECONDS = 5.0
_TIDY_SECONDS = 10.0
_GROUP_SECONDS = 86_400.0


class Chores:
    """Deleting what is due, following policy files, tidying memories, figures of groups."""

    def __init__(self, app: Metier) -> None:
        self._app = app
        self._tasks: tuple[asyncio.Task[None], ...] = ()

    def begin(self) -> None:
        app = self._app
        self._tasks = (
            asyncio.create_task(now_and_then(_PURGE_SECONDS, app.purge)),
            asyncio.create_task(now_and_then(_POLICY_SECONDS, app.follow_policies)),
            asyncio.create_task(now_and_then(_TIDY_SECONDS, app.tidy)),
            asyncio.create_task(now_and_then(_GROUP_SECONDS, app.refresh_groups)),
        )

    async def end(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


async def now_and_then(seconds: float, chore: Callable[[], Awaitable[object]]) -> None:
    """Does a chore again and again; a fault of one time is logged."""
    while True:
        await asyncio.sleep(seconds)
        try:
            await chore()
        except MetierError as error:
            _log.warning("%s", error.message)
        except Exception as error:  # the next time it may work
            log_fault(error, f"`{getattr(chore, '__name__', 'a chore')}`")
