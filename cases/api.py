"""HTTP in: submissions. HTTP out: other systems."""

from ninja import Router

router = Router()
