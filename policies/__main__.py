"""Entry of the policy pack: the language host runs this folder (``--policy-pack policies``)."""

from policies.pack import run

run()
