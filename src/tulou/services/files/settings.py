"""Settings of the files service: the [files] table of tulou.toml."""

from tulou.kernel.message import message


@message
class FilesSettings:
    """How much may be kept, and for how long.

    file_bytes: the largest file, in bytes; gates let through forms of `[gateway] upload_bytes`
    project_bytes: what all files of a project may take together, in bytes
    project_files: how many files a project may have
    uploads: files that may arrive at one process at once; of one tenant half as many
    sweep_s: seconds between looks for files that have expired or broke off
    arrival_s: seconds that an upload may take before what there is of it is removed
    """

    file_bytes: int = 512 * 1024 * 1024
    project_bytes: int = 100 * 1024 * 1024 * 1024
    project_files: int = 10_000
    uploads: int = 16
    sweep_s: float = 60.0
    arrival_s: float = 6 * 3600.0
