"""Forward mode, reverse mode, and what they share."""

from autodiff.modes import operators as operators  # it gives Var its operators
