"""Checks of traces against sympy, of functions against differences."""
