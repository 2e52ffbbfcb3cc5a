"""One file for each medium; all are pure functions of a Trace."""
