"""What is true of metrics: how they are written, subtracted, and summed up in points. No I/O."""
