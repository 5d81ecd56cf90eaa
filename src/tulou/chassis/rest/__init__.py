"""The administration API's frame: one app for all services' routes, one shape for errors, one way in."""

from tulou.chassis.rest.app import rest_app
from tulou.chassis.rest.audit import AuditReceivers

__all__ = ["AuditReceivers", "rest_app"]
