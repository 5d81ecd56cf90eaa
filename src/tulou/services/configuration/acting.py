"""In whose name the document is read and changed."""

from tulou.chassis.reach import reach

HOUSE = "house"
"""The author of what nobody in particular changed."""


def author_of_house() -> str:
    """Return who asks; raise `ForbiddenError` unless they may act over the whole house."""
    asking = reach()
    asking.check_house("the document")
    return asking.caller.author or HOUSE
