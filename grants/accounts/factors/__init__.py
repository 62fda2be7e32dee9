"""The second step of signing in: a code of an authenticator app, a passkey, or a recovery code."""
