"""Where things are: geometry, grid references, addresses."""
