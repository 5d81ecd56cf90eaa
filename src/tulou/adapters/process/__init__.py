"""The `local` launcher: workers are processes of this machine, in sessions of their own."""
