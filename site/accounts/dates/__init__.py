"""Dates and times as people type them: read by one parser, and shown back in words or refused in words.

`reading.py` is the parser, `fields.py` the form fields and their box, `everywhere.py` gives both to the forms that
Wagtail makes. Nothing else reads what a person types for a date: not the browser, not Django, not a date picker.
"""
