"""Formulas: reading, building and writing them."""
