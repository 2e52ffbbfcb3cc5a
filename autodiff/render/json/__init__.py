"""Traces as JSON, and back."""
