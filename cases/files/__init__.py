"""A file as such: its type and name, where it is stored, whether it opens, what it holds. Nothing here knows a case."""
