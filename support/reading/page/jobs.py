"""What is asked for in many threads, and computed in one: the lesson's own, whose session it is."""

import contextlib
import queue
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, NoReturn

PATIENCE = 60  # seconds for which an answer is waited for


class Jobs:
    """Functions to be called, in the order in which they were asked for."""

    def __init__(self):
        self._waiting: queue.Queue = queue.Queue()

    def compute(self, function: Callable, *arguments: Any) -> Any:
        """Return what a function returns in the thread that works; for all other threads."""
        job: Future = Future()
        self._waiting.put((job, function, arguments))
        return job.result(timeout=PATIENCE)

    def work(self, seconds: float = 0.0) -> bool:
        """Compute what is asked for next; return False if in so many seconds nothing was."""
        try:
            job, function, arguments = self._waiting.get(block=seconds > 0, timeout=seconds or None)
        except queue.Empty:
            return False
        if job.set_running_or_notify_cancel():
            try:
                job.set_result(function(*arguments))
            except Exception as error:  # raised again where the answer is awaited
                job.set_exception(error)
        return True

    def work_until(self, check: Callable[[], None]) -> NoReturn:
        """Compute what is asked for until `check` raises."""
        while True:
            check()
            self.work(0.2)

    def cancel(self) -> None:
        """Let whoever still waits know that nothing will come."""
        with contextlib.suppress(queue.Empty):
            while True:
                self._waiting.get_nowait()[0].cancel()
