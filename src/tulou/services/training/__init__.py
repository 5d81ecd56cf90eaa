"""Training: recipes become models.

Owns: training runs and recipes. Needs: jobs, registry, a trainer, a converter. Publishes: `training.run_finished`.
Flow: start a run -> job -> expand the corpus -> train in a child process -> convert -> quantize -> publish and sign in the registry.
"""
