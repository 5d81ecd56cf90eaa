"""The frame that every service stands on: components, transports, hosting, HTTP, jobs, telemetry."""
