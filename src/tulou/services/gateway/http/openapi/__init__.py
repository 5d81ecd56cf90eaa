"""The gate's own routes as OpenAPI 3.1: data that control shows at /openapi.json, for no framework is here to ask."""
