"""Entry of the provider plugin: the engine starts ``python providers <engine address>``.

Run as a folder, Python puts that folder first on its path, and our adapters would then hide the
libraries that they are named after (``kubernetes``, ``dns``): so that entry goes first of all.

gRPC's own handling of forks must be off before it is imported: in the child that is to become
``ansible-playbook`` it would start its poller again, find its descriptors closed, and abort the
child (seen as a playbook that "ended without a summary", about once in twenty runs).
"""

import os
import sys
from pathlib import Path

_here = str(Path(__file__).resolve().parent)
sys.path[:] = [entry for entry in sys.path if str(Path(entry or ".").resolve()) != _here]
sys.path.append(str(Path(_here).parent))

os.environ["GRPC_ENABLE_FORK_SUPPORT"] = "false"

from providers.provider import serve  # noqa: E402 - only after the path is right

serve(next(one for one in reversed(sys.argv[1:]) if not one.startswith("-")))
