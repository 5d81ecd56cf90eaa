"""Settings of the registry: the [registry] table."""

from tulou.kernel.message import message


@message
class RegistrySettings:
    """What may be imported, and how.

    import_roots: folders from which models may be imported; empty means any that the control process may read
    quantization: how imported weights of language models are quantized when the request does not say
    """

    import_roots: tuple[str, ...] = ()
    quantization: str = "Q8_0"
