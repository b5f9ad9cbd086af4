"""The questions of the prechecks to a server's catalogue, as text.

Objects of extensions, of the system and of schema ``xinglin_migration`` are nobody's to move and
are left out. Names come as "schema.object", unquoted, for people.
"""

from __future__ import annotations

_OWN = """
n.nspname NOT IN ('pg_catalog', 'information_schema', 'xinglin_migration')
AND n.nspname !~ '^pg_(toast|temp)'
"""
_RELATION = f"""
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE {_OWN} AND c.relpersistence <> 't' AND NOT EXISTS (SELECT FROM pg_depend d
  WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
"""
_NAME = "n.nspname || '.' || c.relname"


def _relations(kinds: str, more: str = "") -> str:
    return f"SELECT {_NAME} {_RELATION} AND c.relkind IN ({kinds}) {more} ORDER BY 1"


SERVER = """
SELECT pg_is_in_recovery() AS standby, current_setting('server_version_num')::int AS version,
       current_setting('block_size')::int AS block_bytes,
       pg_size_bytes(current_setting('wal_segment_size')) AS wal_segment_bytes,
       current_setting('data_checksums') = 'on' AS checksums
"""
IDENTIFIER = "SELECT system_identifier::text FROM pg_control_system()"
LOCALE = """
SELECT pg_encoding_to_char(encoding) AS encoding,
       CASE datlocprovider WHEN 'c' THEN 'libc' WHEN 'i' THEN 'icu' ELSE 'builtin' END
         AS collation_provider,
       coalesce(to_jsonb(d) ->> 'datlocale', to_jsonb(d) ->> 'daticulocale', datcollate)
         AS collation,
       datctype AS character_type, coalesce(datcollversion, '') AS collation_recorded,
       coalesce(pg_database_collation_actual_version(oid), '') AS collation_version
  FROM pg_database d WHERE datname = current_database()
"""
LOCALE_BEFORE_15 = """
SELECT pg_encoding_to_char(encoding) AS encoding, 'libc' AS collation_provider,
       datcollate AS collation, datctype AS character_type
  FROM pg_database WHERE datname = current_database()
"""
ICU = """
SELECT pg_collation_actual_version(oid) FROM pg_collation
 WHERE collprovider = 'i' AND collname = 'und-x-icu'
"""
TEXT_INDEXES = """
SELECT n.nspname || '.' || i.relname, n.nspname || '.' || t.relname, k.collname,
       CASE coalesce(nullif(k.collprovider::text, 'd'), to_jsonb(b) ->> 'datlocprovider', 'c')
         WHEN 'c' THEN 'libc' WHEN 'i' THEN 'icu' ELSE 'builtin' END, bool_or(x.indisunique)
  FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_class t ON t.oid = x.indrelid
  JOIN pg_namespace n ON n.oid = t.relnamespace
  JOIN pg_database b ON b.datname = current_database()
 CROSS JOIN LATERAL unnest(x.indcollation::oid[]) AS used(oid)
  JOIN pg_collation k ON k.oid = used.oid AND k.collname NOT IN ('C', 'POSIX', 'ucs_basic')
 WHERE n.nspname NOT IN ('pg_catalog', 'information_schema', 'xinglin_migration', 'pg_toast')
 GROUP BY 1, 2, 3, 4 ORDER BY 1, 3
"""
SLOTS_AND_WORKERS = """
SELECT current_setting('wal_level') AS wal_level,
       current_setting('max_replication_slots')::int AS slots_max,
       (SELECT count(*) FROM pg_replication_slots) AS slots_used,
       current_setting('max_wal_senders')::int AS senders_max,
       (SELECT count(*) FROM pg_stat_replication) AS senders_used,
       current_setting('max_logical_replication_workers')::int AS logical_workers_max,
       (SELECT count(*) FROM pg_stat_subscription WHERE pid IS NOT NULL) AS logical_workers_used,
       current_setting('max_worker_processes')::int AS workers_max,
       (SELECT count(*) FROM pg_stat_activity WHERE backend_type IN
         ('parallel worker', 'logical replication launcher', 'logical replication worker',
          'logical replication apply worker', 'background worker')) AS workers_used,
       current_setting('max_connections')::int
         - current_setting('superuser_reserved_connections')::int AS connections_max,
       (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend')
         AS connections_used,
       (SELECT count(*) FROM pg_stat_activity WHERE usesysid = (SELECT datdba FROM pg_database
         WHERE datname = current_database()))
         AS connections_workload,
       CASE current_setting('max_slot_wal_keep_size') WHEN '-1' THEN -1
         ELSE pg_size_bytes(current_setting('max_slot_wal_keep_size')) END AS slot_keep_bytes
"""
ORIGINS_MAX = """
SELECT coalesce(current_setting('max_active_replication_origins', true),
                current_setting('max_replication_slots'))::int
"""
PREPARED = "SELECT count(*) FROM pg_prepared_xacts WHERE database = current_database()"
LONGEST = """
SELECT coalesce(extract(epoch FROM max(clock_timestamp() - xact_start)), 0)::float8
  FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'
"""
LEFTOVERS = (
    "SELECT pubname FROM pg_publication WHERE pubname LIKE 'xinglin\\_%' ORDER BY 1",
    "SELECT subname FROM pg_subscription WHERE subname LIKE 'xinglin\\_%' AND subdbid = "
    "(SELECT oid FROM pg_database WHERE datname = current_database()) ORDER BY 1",
    "SELECT slot_name FROM pg_replication_slots WHERE slot_name LIKE 'xinglin\\_%' ORDER BY 1",
    # The rehearsal's database is declared and stays; what counts is one that was filled.
    "SELECT datname FROM pg_database WHERE datname = current_database() || '_rehearsal' "
    "AND pg_database_size(oid) > 1.5 * (SELECT pg_database_size(oid) FROM pg_database "
    "WHERE datname = 'template1') ORDER BY 1",
    # Origins of subscriptions that are gone; readable by whoever may read any statistics.
    "SELECT o.roname FROM pg_replication_origin o WHERE o.roname ~ '^pg_[0-9]+$' AND NOT EXISTS "
    "(SELECT FROM pg_subscription s WHERE o.roname = 'pg_' || s.oid) ORDER BY 1",
)
TABLES = f"""
SELECT {_NAME}, pg_table_size(c.oid), pg_indexes_size(c.oid), c.reltuples::bigint
{_RELATION} AND c.relkind = 'r' ORDER BY 2 DESC, 1
"""
WITHOUT_IDENTITY = _relations(
    "'r'",
    """AND c.relpersistence = 'p' AND c.relreplident <> 'f' AND NOT EXISTS (SELECT FROM pg_index i
       WHERE i.indrelid = c.oid AND CASE c.relreplident WHEN 'd' THEN i.indisprimary
                                    WHEN 'i' THEN i.indisreplident ELSE false END)""",
)
UNLOGGED = _relations("'r'", "AND c.relpersistence = 'u'")
MATERIALIZED_VIEWS = _relations("'m'")
PARTITIONED = _relations("'p'")
SEQUENCES = _relations("'S'")
ROW_SECURITY = _relations("'r', 'p'", "AND c.relrowsecurity")
GENERATED = f"""
SELECT found.name || '.' || a.attname FROM (SELECT c.oid, {_NAME} AS name {_RELATION}
  AND c.relkind IN ('r', 'p')) found
  JOIN pg_attribute a ON a.attrelid = found.oid AND a.attgenerated <> '' AND NOT a.attisdropped
 ORDER BY 1
"""
TRIGGERS = f"""
SELECT t.tgname, found.name, t.tgenabled::text
  FROM (SELECT c.oid, {_NAME} AS name {_RELATION}) found
  JOIN pg_trigger t ON t.tgrelid = found.oid AND NOT t.tgisinternal ORDER BY 2, 1
"""
RULES = f"""
SELECT found.name || '.' || r.rulename FROM (SELECT c.oid, {_NAME} AS name {_RELATION}) found
  JOIN pg_rewrite r ON r.ev_class = found.oid AND r.rulename <> '_RETURN' ORDER BY 1
"""
EVENT_TRIGGERS = "SELECT evtname FROM pg_event_trigger WHERE evtenabled <> 'D' ORDER BY 1"
FOREIGN_TABLES = f"""
SELECT found.name, s.srvname, w.fdwname FROM (SELECT c.oid, {_NAME} AS name {_RELATION}) found
  JOIN pg_foreign_table f ON f.ftrelid = found.oid JOIN pg_foreign_server s ON s.oid = f.ftserver
  JOIN pg_foreign_data_wrapper w ON w.oid = s.srvfdw ORDER BY 1
"""
TYPES = f"""
SELECT n.nspname || '.' || t.typname FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace
  LEFT JOIN pg_class c ON c.oid = t.typrelid
 WHERE {_OWN} AND (t.typtype IN ('d', 'e', 'r') OR (t.typtype = 'c' AND c.relkind = 'c'))
   AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_type'::regclass
                   AND d.objid = t.oid AND d.deptype = 'e') ORDER BY 1
"""
USER_OBJECTS = f"""
SELECT (SELECT count(*) {_RELATION} AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S')) +
  (SELECT count(*) FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE {_OWN}
    AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_proc'::regclass
                    AND d.objid = p.oid AND d.deptype = 'e'))
"""
LONG_COLUMNS = f"""
SELECT quote_ident(found.nspname) || '.' || quote_ident(found.relname), quote_ident(a.attname),
       least(100, greatest(0.01, 100 * 16777216.0 / greatest(found.bytes, 1)))::numeric(7, 3)
  FROM (SELECT c.oid, n.nspname, c.relname, pg_table_size(c.oid) AS bytes {_RELATION}
          AND c.relkind = 'r' ORDER BY pg_table_size(c.oid) DESC LIMIT 20) found
  JOIN pg_attribute a ON a.attrelid = found.oid AND a.attnum > 0 AND NOT a.attisdropped
   AND a.attlen = -1 AND a.attstorage IN ('x', 'e')
"""
ROLES = """
SELECT r.rolname, r.rolsuper, r.rolcanlogin,
       array(SELECT g.rolname FROM pg_auth_members m JOIN pg_roles g ON g.oid = m.roleid
              WHERE m.member = r.oid ORDER BY 1)::text[]
  FROM pg_roles r WHERE r.rolname NOT IN ('xinglin_migration', 'postgres') AND (r.oid IN (
    SELECT refobjid FROM pg_shdepend WHERE refclassid = 'pg_authid'::regclass
       AND dbid = (SELECT oid FROM pg_database WHERE datname = current_database()))
    OR r.oid = (SELECT datdba FROM pg_database WHERE datname = current_database())) ORDER BY 1
"""
GRANTS = f"""
SELECT count(*) FROM (SELECT c.relowner AS owner, c.relacl AS acl {_RELATION}
  UNION ALL SELECT n.nspowner, n.nspacl FROM pg_namespace n WHERE {_OWN} AND n.nspname <> 'public'
  UNION ALL SELECT p.proowner, p.proacl FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
    WHERE {_OWN}) granted CROSS JOIN LATERAL aclexplode(acl) one WHERE one.grantee <> owner
"""
EXTENSIONS = """
SELECT e.extname, e.extversion FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace
 WHERE e.extname <> 'plpgsql' AND n.nspname <> 'xinglin_migration'
"""
AVAILABLE = "SELECT name, array_agg(version) FROM pg_available_extension_versions GROUP BY name"
PG_CRON = "SELECT coalesce(jobname, jobid::text), schedule, active FROM cron.job ORDER BY 1"
PGAGENT = """
SELECT j.jobname, coalesce(string_agg(s.jscname, ', '), ''), j.jobenabled FROM pgagent.pga_job j
  LEFT JOIN pgagent.pga_schedule s ON s.jscjobid = j.jobid GROUP BY j.jobid, 1, 3 ORDER BY 1
"""
