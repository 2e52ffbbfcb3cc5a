"""The tape as a program, and its printers."""
