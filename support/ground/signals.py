"""Signals that ask for the end, noted until there is a good moment to obey them."""

import signal
import threading

NAMES = ("SIGINT", "SIGTERM", "SIGHUP")  # of which Windows lacks the last
SIGNALS = [getattr(signal, name) for name in NAMES if hasattr(signal, name)]


class Interrupted(KeyboardInterrupt):
    """Ctrl-C, or another signal that asks for the end: SIGTERM, or SIGHUP of a closed terminal."""

    def __init__(self, signum, *_):
        super().__init__(signum)
        self.exit_code = 128 + signum

    def _render_traceback_(self):  # what a notebook shows
        return ["interrupted"]


class Signals:
    """A context in which a signal is noted, and looked at only where check() is called.

    Python would raise KeyboardInterrupt anywhere, within session.run too, and TensorFlow's C++
    code does not survive every such place. Leaving the context looks once more. Outside the main
    thread, where Python hands out no signals, this does nothing.
    """

    def __enter__(self):
        self.noted, self.before = None, {}
        if threading.current_thread() is threading.main_thread():
            for signum in SIGNALS:
                if signal.getsignal(signum) != signal.SIG_IGN:  # as nohup wants it
                    self.before[signum] = signal.signal(signum, self._note)
        return self

    def _note(self, signum, frame):
        self.noted = signum

    def check(self) -> None:
        """Raise Interrupted if there was a signal."""
        if self.noted:
            raise Interrupted(self.noted)

    def __exit__(self, kind, *_):
        for signum, handler in self.before.items():
            signal.signal(signum, handler)
        if kind is None:
            self.check()
