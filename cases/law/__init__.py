"""The law as data and pure functions: facts in, an answer with its citation out. No database, no clock, nothing of
ours.
"""
