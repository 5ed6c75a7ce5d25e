"""The matrix of extensions: what was run on Flask and on Erlen, what passed, and the pages made of it."""
