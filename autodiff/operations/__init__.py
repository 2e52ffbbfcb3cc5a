"""What an elementary operation is, and the table of all of them."""
