"""What real applications do all day, on Flask and on Erlen: links, redirects, error pages, sessions."""
