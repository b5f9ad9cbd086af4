"""Entry of the provider plugin: the engine starts ``python providers <engine address>``.

Run as a folder, Python puts that folder first on its path, and our adapters would then hide the
libraries that they are named after (``kubernetes``, ``dns``): so that entry goes first of all.
"""

import sys
from pathlib import Path

_here = str(Path(__file__).resolve().parent)
sys.path[:] = [entry for entry in sys.path if str(Path(entry or ".").resolve()) != _here]
sys.path.append(str(Path(_here).parent))

from providers.provider import serve  # noqa: E402 - only after the path is right

serve(next(one for one in reversed(sys.argv[1:]) if not one.startswith("-")))
