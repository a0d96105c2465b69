"""``python -m bdg`` is ``bdg``."""

from bdg.cli import main

if __name__ == "__main__":  # workers of MPI import the module too
    main()
