"""Clean copies: what the public gets of a file, without where a photograph was taken, who wrote it, what it was called.

`cleaning` and what it stands on (`photographs`, `tiffs`, `pdfs`, `office_files`), and `drawings`, know neither Django
nor the database: they run in a process of their own, with files that may be hostile. `copying` starts that process,
`making` has the background task.
"""
