"""Checks of traces against sympy, and of functions against differences."""
