"""The only place that knows everything: catalogue, settings, wiring, supervisor."""
