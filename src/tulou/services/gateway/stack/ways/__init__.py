"""Ways to have a replica answer a call: as bytes where it speaks the client's dialect, else by translation."""
