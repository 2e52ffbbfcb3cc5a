"""Tables: five styles, and one file for each medium."""
