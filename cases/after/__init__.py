"""What follows a decision: appeals."""
