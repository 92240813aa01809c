"""Preparing documents in the background: pages, their words and pictures, and what a file could do to its reader."""

from .task import prepare_again, prepare_document, prepare_soon, sweep

__all__ = ["prepare_again", "prepare_document", "prepare_soon", "sweep"]
