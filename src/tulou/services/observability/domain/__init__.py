"""What is true of metrics: how they are subtracted, and summed up in points. No I/O."""
