"""The audit trail under many writers."""
