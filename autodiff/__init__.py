"""Automatic differentiation to learn from: forward and reverse mode, and the tables that show how they work."""
from autodiff.dual import Dual
from autodiff.tape import Tape, Var
