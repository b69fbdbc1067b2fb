"""Runs the application: one process, or several that share a socket; SIGTERM ends each when its answers are given."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import socket
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import uvicorn
from uvicorn.supervisors import Multiprocess

from blocklists import events
from blocklists.feed.errors import OutsideError
from blocklists.service import protocol
from blocklists.service.app import App
from blocklists.service.house import House

if TYPE_CHECKING:
    from blocklists.place import Place

#: Connections of one worker, and seconds that answers may take to end.
CONNECTIONS, GRACE = 2000, 10
_BACKLOG = 1024
_KEEP_ALIVE = 15


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is to be served, where, by how many."""

    place: Place
    host: str = "127.0.0.1"
    port: int = 8400
    workers: int = 1

    def __call__(self) -> Lifetime:
        """The application of one worker."""
        return Lifetime(self)


class Lifetime:
    """The application with its beginning and its end, as ASGI tells of them."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._app: App | None = None

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:  # noqa: ANN401 - ASGI's
        """Answer a request, or live from startup to shutdown."""
        if scope["type"] == "http" and self._app:
            await self._app(scope, receive, send)
        elif scope["type"] == "lifespan":
            await self._live(receive, send)

    async def _live(self, receive: Any, send: Any) -> None:  # noqa: ANN401 - ASGI's
        await receive()
        with House.opened(self._plan.place, self._plan.workers) as house:
            self._app = App(house)
            protocol.Guarded.spares = house.callers.spares
            tasks = [asyncio.create_task(work) for work in (protocol.watch(), house.tidy())]
            await send({"type": "lifespan.startup.complete"})
            await receive()
            for task in tasks:
                task.cancel()
            self._app = None
            events.log("served", **house.counts.totals())
        await send({"type": "lifespan.shutdown.complete"})


def run(plan: Plan, said: Any) -> None:  # noqa: ANN401 - a callable that prints a line
    """Serve until SIGTERM or SIGINT.

    Raises:
        OutsideError: the address cannot be bound.
        LedgerError, ConfigurationError: as for `House.opened`.
    """
    with House.opened(plan.place):  # what is wrong is told before anything listens
        pass
    bound = _bound(plan.host, plan.port)
    host, port = bound.getsockname()[:2]
    said(f"http://{f'[{host}]' if ':' in host else host}:{port}/")
    if plan.workers > 1:
        Multiprocess(_config(plan), sockets=[bound]).run()
        return
    for one in (signal.SIGTERM, signal.SIGINT):  # uvicorn raises again what it has obeyed
        signal.signal(one, lambda *_: sys.exit(0))
    with contextlib.suppress(KeyboardInterrupt):
        uvicorn.Server(_config(plan)).run(sockets=[bound])


def _bound(host: str, port: int) -> socket.socket:
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0][0]
        return socket.create_server((host, port), family=family, backlog=_BACKLOG)
    except OSError as error:
        raise OutsideError(f"{host}:{port}: {error.strerror or error}; choose another with --host and --port") from None


def _config(plan: Plan) -> uvicorn.Config:
    return uvicorn.Config(
        app=plan,
        factory=True,
        http=protocol.Guarded,
        ws="none",
        lifespan="on",
        workers=plan.workers,
        proxy_headers=False,
        server_header=False,
        access_log=False,
        log_config=events.LOGGING,
        log_level="error",
        limit_concurrency=CONNECTIONS,
        backlog=_BACKLOG,
        timeout_keep_alive=_KEEP_ALIVE,
        timeout_graceful_shutdown=GRACE,
    )
