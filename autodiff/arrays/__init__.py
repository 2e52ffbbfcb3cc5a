"""numpy's functions for Duals and Vars, composed of the elementary and the array operations."""
