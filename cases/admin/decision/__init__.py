"""Committee, more time, and how a case ends."""
