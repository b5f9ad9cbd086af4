"""A hospital on one machine: real control planes, nodes, hosts, names and BMCs.

Everything runs below one process, in namespaces of its own; killing that process
ends the lab, and nothing of it is mounted, routed or registered outside. What may
never happen: a lab that leaves something behind, or one that can reach a network
that is not its own. ``lifecycle`` starts and ends it, ``health`` says how it is,
``power`` takes a site away and gives it back, ``places`` says where it keeps things.
"""
