"""What takes an application to production: serving, health, logs."""
