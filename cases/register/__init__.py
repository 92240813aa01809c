"""What the public may see of an application, and where."""
