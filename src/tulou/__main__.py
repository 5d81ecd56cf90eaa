"""`python -m tulou` is the `tulou` command."""

from tulou.cli.main import main

if __name__ == "__main__":
    main()
