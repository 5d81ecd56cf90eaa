"""Drills: a whole house under attack, and under kills. Small in `make test`, full in `make drills`.

The house is driven over HTTP and as processes only, so that a drill can be run on any tree of the sources:
`TULOU_DRILLS_PYTHON` names the interpreter that starts it.
"""
