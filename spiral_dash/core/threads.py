"""One thread for the arithmetic: faster at these sizes, and the same bits everywhere."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache

import torch
from threadpoolctl import ThreadpoolController


@cache
def _controller() -> ThreadpoolController:
    return ThreadpoolController()


_HELD: ContextVar[bool] = ContextVar("within single_thread", default=False)


@contextmanager
def single_thread() -> Iterator[None]:
    """Within it the linear algebra of numpy and torch runs on the calling thread alone.

    A matrix product split over threads may round differently, so a run is only reproducible
    to the last bit when this holds wherever it trains. Within another it costs nothing.
    """
    if _HELD.get():
        yield
        return
    threads = torch.get_num_threads()
    with _controller().limit(limits=1):
        torch.set_num_threads(1)
        held = _HELD.set(True)
        try:
            yield
        finally:
            _HELD.reset(held)
            torch.set_num_threads(threads)
