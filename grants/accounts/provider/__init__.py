"""Signing in by the office's own OpenID provider, where it has one."""
