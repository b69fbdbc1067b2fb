"""Engines by name: a pool on this machine, or a Dask scheduler that is there already."""

from __future__ import annotations

import uuid
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any

from blocklists.bulk.block import BulkError, UnreachableError
from blocklists.bulk.engines import Cluster, Engine, Here, Pool

if TYPE_CHECKING:
    from collections.abc import Iterator

_MEMORY = {"MALLOC_TRIM_THRESHOLD_": 1 << 28, "MALLOC_MMAP_THRESHOLD_": 1 << 26, "OMP_NUM_THREADS": 1}
"""Of a worker: memory is kept from batch to batch. As Dask sets it, it is given back and asked for every time."""
_PATIENCE = 20
"""Seconds to wait for a scheduler, and for its first worker."""


def local(workers: int) -> Engine:
    """This process where one worker is enough, else a pool."""
    return Here() if workers == 1 else Pool(workers)


@contextmanager
def dask(scheduler: str | None, workers: int | None) -> Iterator[Engine]:
    """The workers of a scheduler; without one, of a cluster on loopback that lasts as long as the run.

    Args:
        scheduler: its address, as `tcp://scheduler.internal:8786`.
        workers: how many processes the cluster on loopback has.

    Raises:
        BulkError: Dask is not installed.
        UnreachableError: no scheduler answers at the address, or it has no worker.
    """
    try:
        import distributed  # noqa: PLC0415 - only this engine needs it
    except ImportError:
        raise BulkError("--engine dask needs Dask: pip install 'delist[dask]'") from None
    with ExitStack() as stack:
        try:
            client = stack.enter_context(_connected(distributed, scheduler, workers))
            client.wait_for_workers(1, timeout=_PATIENCE)
        except OSError as error:  # a time-out and a closed connection are such
            why = str(error) or "no answer"
            raise UnreachableError(f"{scheduler}: {why}; is the scheduler up, and has it a worker?") from None
        yield Cluster(client, uuid.uuid4().hex)


@contextmanager
def _connected(distributed: Any, scheduler: str | None, workers: int | None) -> Iterator[Any]:  # noqa: ANN401 - a module
    if scheduler:
        with distributed.Client(scheduler, timeout=_PATIENCE, set_as_default=False) as client:
            yield client
        return
    import dask  # noqa: PLC0415 - comes with it

    quiet = {"host": "127.0.0.1", "threads_per_worker": 1, "processes": True}
    silent = {"dashboard_address": "127.0.0.1:0", "scheduler_kwargs": {"dashboard": False}}
    with (
        dask.config.set({"distributed.nanny.pre-spawn-environ": _MEMORY, "distributed.worker.profile.enabled": False}),
        distributed.LocalCluster(n_workers=workers, **quiet, **silent) as cluster,
        distributed.Client(cluster) as client,
    ):
        yield client
