"""What stands around the application where it is operated: figures, limits, and its end."""

from __future__ import annotations

import asyncio
import logging
import shutil
import signal
from collections.abc import Sequence
from typing import TYPE_CHECKING

from metier._faults import log_fault
from metier._sources import secret
from metier.inference import figures_of
from metier.model import MetierError
from metier.pipeline import TurnSeen
from metier.server._drain import Drain
from metier.server._incoming import Receive
from metier.server._plain import Asgi, Scope, Send
from metier.server._pressure import Pressure
from metier.server._watched import watched
from metier.telemetry import Exported, Meters, MetricsPage, export

if TYPE_CHECKING:
    from metier.app import Metier

_log = logging.getLogger("metier")
_LOOK_SECONDS = 10.0


class Operated:
    """An application with its figures, limits and drain around it, as `metier serve` runs it.

    Args:
        app: the running metier.
        asgi: its application.
        flags: settings that the command line gave, which a reload keeps.
        exported: sends spans and metrics in place of what `[telemetry]` asks for.

    Attributes:
        asgi: what to serve.
        drain: ends it; see `DrainingServer`.
        page: the Prometheus page; None where there is none.

    Raises:
        MetierError: what `[telemetry]` asks for can't be had.
    """

    def __init__(
        self,
        app: Metier,
        asgi: Asgi,
        flags: Sequence[str] = (),
        exported: Exported | None = None,
    ) -> None:
        settings = app.settings
        self._app = app
        self._flags = tuple(flags)
        chosen = settings.telemetry
        self.meters = Meters()
        self.drain = Drain(settings.server.drain_seconds, settings.server.drain_notice_seconds)
        self.page = (
            None
            if chosen.metrics_port is None
            else MetricsPage(self.meters, chosen.metrics_host, chosen.metrics_port)
        )
        headers = secret(chosen.otlp_headers_env) if chosen.otlp_headers_env else None
        self._export = exported
        if exported is None and chosen.otlp_endpoint:
            self._export = export(chosen, headers or "")
        app.watched_by(self._turn, self.meters.reloaded)
        self.meters.before_page(self._gauges)
        pressure = Pressure(settings.limits, self.meters.refused)
        inner = self.drain.around(pressure.around(asgi))
        self.asgi = self._alive(watched(inner, self.meters, chosen.logs == "json"))

    def _turn(self, seen: TurnSeen) -> None:
        try:
            self.meters.turn(seen)
            if self._export is not None:
                self._export.turn(seen)
        except Exception as error:  # a figure is not worth a turn
            log_fault(error, "Counting a turn")

    def _gauges(self) -> None:
        self.meters.hooks_off.set(len(self._app.switched_off()))
        self.meters.disk_free.set(shutil.disk_usage(self._app.home).free)
        self.meters.draining.set(int(self.drain.draining))
        self.meters.policies(self._app.parts.policy.version)

    # --- from the server's start to its end ----------------------------------------------

    def _alive(self, asgi: Asgi) -> Asgi:
        """`asgi`, with the page and what looks around running as long as it does."""

        async def alive(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] != "lifespan":
                await asgi(scope, receive, send)
                return
            if self.page is not None:
                await self.page.start()
            looking = asyncio.create_task(self._look())
            self._listen()
            try:
                await asgi(scope, receive, send)
            finally:
                looking.cancel()
                if self.page is not None:
                    await self.page.close()
                if self._export is not None:
                    await asyncio.to_thread(self._export.close)

        return alive

    async def _look(self) -> None:
        """Keeps up to date what the page shows of other servers, and no request tells."""
        while True:
            await asyncio.sleep(_LOOK_SECONDS)
            try:
                self.meters.parts((await self._app.ready()).parts)
                self.meters.model_servers(await figures_of(self._app.parts.engine))
            except Exception as error:
                log_fault(error, "Looking at what is ready")

    def _listen(self) -> None:
        """Has SIGHUP read configuration and policies anew."""
        loop = asyncio.get_running_loop()
        tasks: set[asyncio.Task[None]] = set()

        def asked() -> None:
            task = loop.create_task(self.reload())
            tasks.add(task)
            task.add_done_callback(tasks.discard)

        try:
            loop.add_signal_handler(signal.SIGHUP, asked)
        except (NotImplementedError, ValueError, RuntimeError):  # not the main thread
            return

    async def reload(self) -> None:
        """Reads configuration and policies anew; where they can't be used the old ones stay."""
        try:
            found = await self._app.reload(self._flags)
        except MetierError as error:
            self.meters.reloaded("refused")
            _log.error("Nothing was reloaded: %s", error.message)
            return
        self.meters.reloaded("changed" if found.changed else "same")
        _log.info("Reloaded: %s", found.words())
