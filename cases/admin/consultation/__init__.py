"""Publicity and comments."""
