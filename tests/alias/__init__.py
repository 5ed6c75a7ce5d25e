"""The alias: `import flask` means Erlen."""
