"""What the public may read as data, for other systems: the Open Digital Planning API and the BOPS v2 paths."""
