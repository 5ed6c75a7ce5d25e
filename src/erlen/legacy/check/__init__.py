"""`erlen check --legacy`: find old names in an application and its extensions, and rewrite what is safe."""
