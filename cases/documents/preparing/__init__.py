"""Preparing documents in the background: pages, their words and pictures, and what a file could do to its reader."""
