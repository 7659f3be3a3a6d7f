"""What runs inside a sandbox container: the fork server, the slots it makes, and the code that calls a procedure.

Standard library only. Everything is imported before the first fork: in a slot this folder is no longer mounted.
"""
