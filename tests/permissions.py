"""Permissions that bind root, too, as they bind everybody else."""

import ctypes
import os

PASS_OVER = 0b110  # CAP_DAC_OVERRIDE and CAP_DAC_READ_SEARCH, capabilities(7)


def bind(bound=True):
    """Let permissions bind this thread, and those that it starts, or no longer; root alone differs.

    It stays root, so that what root alone may enter, such as a virtual environment in /root, stays
    readable. The layout is that of capset(2), version 3: effective, permitted, inheritable.
    """
    if os.geteuid() == 0:
        libc = ctypes.CDLL(None, use_errno=True)
        header, sets = (ctypes.c_uint32 * 2)(0x20080522, 0), (ctypes.c_uint32 * 6)()
        assert libc.capget(header, sets) == 0
        sets[0] = sets[1] & ~PASS_OVER if bound else sets[1]
        assert libc.capset(header, sets) == 0
