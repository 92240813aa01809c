"""Reading other people's files, in a process of its own that can do nothing else.

cases/files/reading.py starts it with the file as its standard input and reads what it finds from its
standard output. Nothing of Django and nothing of ours is imported here: the process is small, knows no password and no
database, and before it reads the first byte it gives up opening files and connections (limits.py).
"""
