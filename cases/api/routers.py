"""Where each operation hangs: one router for each version, because two of them may share an address."""

from ninja import Router

from .tokens import READ, RESPOND, BearerToken

v1 = Router(auth=BearerToken(RESPOND))
v2 = Router(auth=BearerToken(READ))
