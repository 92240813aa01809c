"""Cases that officers enter, and what came in."""
