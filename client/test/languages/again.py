"""Runs the program once for each line that it is given, and says when it has ended."""
import sys

from assent import main

for _line in sys.stdin:
    main()
    print('ended', flush=True)
