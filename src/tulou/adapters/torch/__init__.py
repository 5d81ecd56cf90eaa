"""Training with PyTorch, in a process of its own; this package itself never imports torch."""

from tulou.adapters.torch.trainer import TorchTrainer

__all__ = ["TorchTrainer"]
