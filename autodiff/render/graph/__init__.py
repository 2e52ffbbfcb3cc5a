"""The computational graph: layout, shapes, and one file for each medium."""
