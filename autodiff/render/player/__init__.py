"""The player: a page that steps through a trace and recomputes it."""
