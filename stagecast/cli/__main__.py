"""`python -m stagecast.cli`."""

from stagecast.cli import main

main()
