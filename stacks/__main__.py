"""What we build: the hospital that the stack's configuration names."""

import pulumi

from stacks.components.hospital import Hospital, HospitalArgs
from stacks.declaration import declared

estate = declared()
hosts = pulumi.Config("xinglin").get_bool("hosts")
Hospital(estate.name, HospitalArgs(estate, hosts=hosts is not False))
pulumi.export("estate", estate.name)
pulumi.export("names", {each.name: estate.host_name(each.name) for each in estate.workloads})
