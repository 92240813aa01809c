"""Redaction: boxes over the pages of a document, and a copy for the public that holds nothing under them.

`rebuilding` and what it stands on (`page_words`, `pictures`, `plain_pdf`) know neither Django nor the database: they
run in a process of their own, with files that may be hostile. `making` has the officers' verbs.
"""
