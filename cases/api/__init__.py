"""HTTP in: submissions and comments. HTTP out: other systems. Everything here asks for a token of one council.

`v1` and `v2` are the routers with every operation on them.
"""

from . import applications, responses, submissions, validation_requests
from .routers import v1, v2

__all__ = ["applications", "responses", "submissions", "v1", "v2", "validation_requests"]
