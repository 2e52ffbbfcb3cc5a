"""Forward mode, reverse mode, and what they share."""
