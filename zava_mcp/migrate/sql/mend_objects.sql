-- Set the OIDs in mcp_migrate.object to those that the objects have now, as after a restore.
update mcp_migrate.object as m
set oid = o.objid
from ({objects}) as o
where m.kind = o.kind and m.identity = o.identity and m.oid is distinct from o.objid
