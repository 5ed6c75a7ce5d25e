"""Environment files: a secret key is written to them, and it is shown which setting comes from where."""
