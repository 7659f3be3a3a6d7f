"""Plays the scenarios of client/conformance with the stubs for Python."""
