"""What each endpoint is asked: the little of a body that the gate itself must know. All else passes through."""
