"""Each endpoint as the gate knows it: what is asked and answered, the way to replicas, how it is described.

Of a body only the little is read that the gate itself must know; all else passes through.
"""
