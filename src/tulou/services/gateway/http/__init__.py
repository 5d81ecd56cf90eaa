"""The gateway's HTTP side: raw ASGI, because a framework costs more a request than all stages together."""
