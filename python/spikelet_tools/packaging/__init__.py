"""Installations, Debian packages and archives."""
