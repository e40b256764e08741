"""Checks of the engine, its executables and its figures."""
