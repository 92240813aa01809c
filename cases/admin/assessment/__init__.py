"""Assessing and recommending."""
