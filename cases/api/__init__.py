"""HTTP in: submissions. HTTP out: other systems. Everything here asks for a token of one council."""

from .problems import problem
from .submissions import router

__all__ = ["problem", "router"]
