"""Each kind of resource: how it is read, made and removed through the contract of the service that owns it."""
