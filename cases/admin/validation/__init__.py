"""The tasks before an application is valid, and the decision on it."""
