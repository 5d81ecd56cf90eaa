"""Training: recipes become models.

Owns: training runs and recipes.
Needs: Database, Outbox, Blobs, Clock, Jobs, Registry, Trainer, Converter.
Publishes: `training.run_finished`.
Flow: start a run -> job -> expand the corpus -> train in a child process -> convert -> quantize -> publish and sign.
"""
