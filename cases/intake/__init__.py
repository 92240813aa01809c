"""How applications come in: a body is read, understood, and received as a case.

`reading` bytes → JSON · `odp` JSON → `incoming.IncomingApplication` · `receiving` → rows, in one transaction.
"""
