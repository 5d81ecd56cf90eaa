"""The same tests over the three bindings, for every contract."""
