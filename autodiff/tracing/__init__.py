"""From a program and a point to a Trace."""
