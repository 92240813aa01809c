"""What the process may not do: taken from it for good before it reads the file."""

import contextlib
import resource


def shut(*, more_memory: int, cpu_seconds: int, most_written: int, descriptors: int) -> None:
    """Limit this process. Irrevocable for any user but root.

    more_memory: bytes that may be used beyond what the libraries have taken. most_written: bytes of the scratch file.
    descriptors: how many are open; no other can be opened, so there is no file and no network any more.
    """
    shut_most(most_written=most_written, cpu_seconds=cpu_seconds)
    _limit(resource.RLIMIT_AS, _address_space() + more_memory)
    _limit(resource.RLIMIT_NOFILE, descriptors)


def shut_most(*, most_written: int, cpu_seconds: int = 120) -> None:
    """For a process that goes on opening fonts. Its memory is limited by whoever starts it."""
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_CPU, cpu_seconds)
    _limit(resource.RLIMIT_FSIZE, most_written)


def _address_space() -> int:
    """Bytes of address space in use. Where the system does not say (macOS), what the libraries need at most."""
    try:
        with open("/proc/self/statm") as statm:
            return int(statm.read().split()[0]) * resource.getpagesize()
    except OSError:
        return 400 * 1024 * 1024


def _limit(what: int, most: int) -> None:
    with contextlib.suppress(ValueError, OSError):  # already lower, or unknown to this system
        resource.setrlimit(what, (most, most))
