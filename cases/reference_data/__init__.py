"""Loading the data that every council shares, and the choices that forms make of it."""
