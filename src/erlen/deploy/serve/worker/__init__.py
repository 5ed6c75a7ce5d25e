"""What runs in a worker process of `erlen serve`."""
