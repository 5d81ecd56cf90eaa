"""One file a revision, in one line; none is changed once it is released."""
