"""The whole table of array operations: importing this fills it."""

from autodiff.operations import arrays, decompositions, products, reductions, systems
from autodiff.operations.array_rule import ARRAYS_BY_NAME

__all__ = ["ARRAYS_BY_NAME", "arrays", "decompositions", "products", "reductions", "systems"]
