"""A document made anew out of pictures of its pages: nothing of the old file is left in it.

Nothing here knows Django or the database: it runs in a process of its own, with files that may be hostile.
"""
