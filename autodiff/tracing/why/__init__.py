"""Why every step of a trace happens, in one sentence each."""
