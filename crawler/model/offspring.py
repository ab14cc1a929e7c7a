"""Child processes that never outlive us, however we end."""

from __future__ import annotations

import contextlib
import ctypes
import signal
import subprocess
from collections.abc import Callable

_PR_SET_PDEATHSIG = 1
_GRACE_SECONDS = 5.0


def dies_with_parent() -> Callable[[], None]:
    """A ``preexec_fn`` that has the kernel end the child when the thread that started it ends (prctl(2)).

    Start such children from the main thread.
    """
    libc = ctypes.CDLL(None, use_errno=True)

    def ask_the_kernel() -> None:
        libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)

    return ask_the_kernel


def end(process: subprocess.Popen[bytes] | subprocess.Popen[str], grace: float = _GRACE_SECONDS) -> None:
    """The process ended and reaped: asked first, killed after ``grace`` seconds."""
    if process.poll() is None:
        process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(grace)
    if process.poll() is None:
        process.kill()
    process.wait()
