"""Telling people about an application, and what they say of it."""
