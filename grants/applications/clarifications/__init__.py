"""Questions of the office about an application, and their answers."""
