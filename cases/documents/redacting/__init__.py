"""Redaction: boxes over the pages of a document, and a copy for the public that holds nothing under them.

`finding` runs in a process of its own, with a file that may be hostile; `making` has the officers' verbs.
"""
