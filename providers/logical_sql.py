"""The questions that a logical move asks of a catalogue, as text; names come back quoted.

A name that a server quoted (``format('%I.%I')``) may stand in a statement as it is, and is what
people read too. What must never happen: a table left out because a question did not know its kind.
"""

from __future__ import annotations

_OURS = """
n.nspname NOT IN ('pg_catalog', 'information_schema', 'xinglin_migration')
AND n.nspname !~ '^pg_(toast|temp)'
AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass
                AND d.objid = c.oid AND d.deptype = 'e')
"""
"""Of the workload: no system's, no extension's, none of our schema."""

# Binary form is the same between versions and architectures for PostgreSQL's own types and enums.
# Types that name objects by number (reg*) and arrays of others' types are not: those go as text.
TABLES = f"""
SELECT format('%I.%I', n.nspname, c.relname), c.relpersistence = 'u',
       pg_table_size(c.oid), pg_relation_size(c.oid) / current_setting('block_size')::int,
       string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum)
         FILTER (WHERE a.attgenerated = ''),
       coalesce(bool_and(t.typtype = 'e' OR (tn.nspname = 'pg_catalog' AND t.typname !~ '^_?reg'))
                FILTER (WHERE a.attgenerated = ''), true),
       CASE c.relreplident WHEN 'd' THEN EXISTS (SELECT FROM pg_index i
              WHERE i.indrelid = c.oid AND i.indisprimary)
            WHEN 'i' THEN EXISTS (SELECT FROM pg_index i
              WHERE i.indrelid = c.oid AND i.indisreplident)
            ELSE c.relreplident = 'f' END
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
  LEFT JOIN pg_type t ON t.oid = a.atttypid LEFT JOIN pg_namespace tn ON tn.oid = t.typnamespace
 WHERE c.relkind = 'r' AND c.relpersistence <> 't' AND {_OURS}
 GROUP BY n.nspname, c.relname, c.oid, c.relpersistence, c.relreplident ORDER BY 3 DESC, 1
"""

DEFINITIONS = f"""
SELECT format('%I.%I', n.nspname, c.relname), md5(c.relkind::text || c.relpersistence::text ||
       coalesce(string_agg(concat_ws(' ', quote_ident(a.attname),
                  format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attgenerated,
                  a.attidentity),
                  ',' ORDER BY a.attnum), ''))
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
 WHERE c.relkind IN ('r', 'p') AND c.relpersistence <> 't' AND {_OURS}
 GROUP BY n.nspname, c.relname, c.relkind, c.relpersistence
"""

OBJECTS = f"""
SELECT format('%I.%I', n.nspname, c.relname) FROM pg_class c
  JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S') AND {_OURS} ORDER BY 1
"""

SEQUENCES = f"""
SELECT format('%I.%I', n.nspname, c.relname) FROM pg_class c
  JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE c.relkind = 'S' AND c.relpersistence <> 't' AND {_OURS} ORDER BY 1
"""

# Those that read another come after it.
MATERIALIZED_VIEWS = f"""
WITH RECURSIVE views AS (
  SELECT c.oid, format('%I.%I', n.nspname, c.relname) AS name FROM pg_class c
    JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind = 'm' AND {_OURS}),
reads AS (SELECT DISTINCT w.ev_class AS reader, d.refobjid AS read FROM pg_rewrite w
    JOIN pg_depend d ON d.classid = 'pg_rewrite'::regclass AND d.objid = w.oid
     AND d.refclassid = 'pg_class'::regclass AND d.refobjid <> w.ev_class),
depths AS (SELECT oid, name, 0 AS depth FROM views UNION
    SELECT v.oid, v.name, p.depth + 1 FROM depths p JOIN reads r ON r.read = p.oid
      JOIN views v ON v.oid = r.reader WHERE p.depth < 50)
SELECT name FROM depths GROUP BY name ORDER BY max(depth), name
"""

# What pg_dump calls post-data, by the numbers that stand in its table of contents, and by name.
BUILT = """
SELECT 1259, indexrelid::bigint, 'index ' || indexrelid::regclass::text FROM pg_index
UNION ALL SELECT 2606, oid::bigint, format('constraint %I on %s', conname, conrelid::regclass)
  FROM pg_constraint WHERE conrelid <> 0
UNION ALL SELECT 2620, oid::bigint, format('trigger %I on %s', tgname, tgrelid::regclass)
  FROM pg_trigger WHERE NOT tgisinternal
UNION ALL SELECT 2618, oid::bigint, format('rule %I on %s', rulename, ev_class::regclass)
  FROM pg_rewrite
UNION ALL SELECT 3256, oid::bigint, format('policy %I on %s', polname, polrelid::regclass)
  FROM pg_policy
UNION ALL SELECT 3381, oid::bigint, format('statistics %s.%I', stxnamespace::regnamespace, stxname)
  FROM pg_statistic_ext
"""

EXTENSIONS = """
SELECT e.extname, quote_ident(e.extname), quote_ident(n.nspname) FROM pg_extension e
  JOIN pg_namespace n ON n.oid = e.extnamespace
 WHERE e.extname <> 'plpgsql' AND n.nspname <> 'xinglin_migration' ORDER BY e.oid
"""

# Whom the database's objects name: they must be there when grants are restored.
NAMED_ROLES = """
SELECT DISTINCT r.rolname FROM pg_shdepend s JOIN pg_roles r ON r.oid = s.refobjid
 WHERE s.refclassid = 'pg_authid'::regclass AND s.deptype IN ('a', 'r')
   AND s.dbid = (SELECT oid FROM pg_database WHERE datname = current_database())
   AND r.rolname NOT IN ('xinglin_migration', 'postgres')
"""

# Others than the workload who could write into its tables while it is fenced.
OTHER_WRITERS = f"""
SELECT DISTINCT r.rolname FROM pg_roles r
 WHERE r.rolcanlogin AND NOT r.rolsuper AND r.rolname <> 'xinglin_migration'
   AND r.rolname <> xinglin_migration.owner()
   AND has_database_privilege(r.oid, current_database(), 'CONNECT')
   AND EXISTS (SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                WHERE c.relkind IN ('r', 'p') AND {_OURS}
                  AND has_table_privilege(r.oid, c.oid, 'INSERT, UPDATE, DELETE, TRUNCATE'))
"""

PREPARED = "SELECT gid FROM pg_prepared_xacts WHERE database = current_database() ORDER BY gid"

OPEN = """
SELECT rolcanlogin, (SELECT count(*) FROM pg_stat_activity WHERE usesysid = r.oid)
  FROM pg_roles r WHERE rolname = xinglin_migration.owner()
"""

END = """
SELECT rolcanlogin, (SELECT count(*) FROM pg_stat_activity WHERE usesysid = r.oid),
       pg_current_wal_flush_lsn() - '0/0'::pg_lsn,
       (SELECT jsonb_object_agg(name, value) FROM xinglin_migration.marks)
  FROM pg_roles r WHERE rolname = xinglin_migration.owner()
"""

SLOT = """
SELECT confirmed_flush_lsn - '0/0'::pg_lsn, pg_current_wal_lsn() - restart_lsn, wal_status, active
  FROM pg_replication_slots WHERE slot_name = %s AND database = current_database()
"""

SUBSCRIPTION = """
SELECT s.subenabled, coalesce(bool_or(a.pid IS NOT NULL), false),
       coalesce(max(e.apply_error_count), 0)
  FROM pg_subscription s LEFT JOIN pg_stat_subscription a ON a.subid = s.oid
  LEFT JOIN pg_stat_subscription_stats e ON e.subid = s.oid
 WHERE s.subname = %s
   AND s.subdbid = (SELECT oid FROM pg_database WHERE datname = current_database())
 GROUP BY s.oid, s.subenabled
"""

# Their digests piece by piece: a large object may be larger than a value can be.
LARGE_OBJECTS = """
SELECT m.oid::bigint, (SELECT md5(string_agg(md5(lo_get(m.oid, n * 16777216, 16777216)), ''
                                             ORDER BY n))
                         FROM generate_series(0::bigint, size / 16777216) n)
  FROM (SELECT oid, lo_lseek64(lo_open(oid, 262144), 0, 2) AS size
          FROM pg_largeobject_metadata WHERE lomowner = xinglin_migration.owner()::regrole) m
"""

OLDEST = """
SELECT pid, usename, datname, extract(epoch FROM clock_timestamp() - xact_start)::int
  FROM pg_stat_activity WHERE backend_xid IS NOT NULL AND pid <> pg_backend_pid()
 ORDER BY xact_start LIMIT 1
"""

# Tables with the expression of their primary key, or None: the whole row stands for it.
KEYS = f"""
SELECT format('%I.%I', n.nspname, c.relname),
       (SELECT format('ROW(%s)', string_agg('t.' || quote_ident(a.attname), ', '
                 ORDER BY array_position(i.indkey::int2[], a.attnum)))
          FROM pg_index i JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = ANY (i.indkey)
         WHERE i.indrelid = c.oid AND i.indisprimary)
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE c.relkind = 'r' AND c.relpersistence <> 't' AND {_OURS} ORDER BY 1
"""

INDEXES = f"""
SELECT format('%I.%I', n.nspname, c.relname) FROM pg_class c
  JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_am m ON m.oid = c.relam
 WHERE c.relkind = 'i' AND m.amname = 'btree' AND c.relowner = xinglin_migration.owner()::regrole
   AND {_OURS} ORDER BY 1
"""

TEXT_COLUMNS = f"""
SELECT DISTINCT format('%I.%I', n.nspname, c.relname), quote_ident(a.attname)
  FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid
  JOIN pg_namespace n ON n.oid = c.relnamespace
  JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = ANY (i.indkey)
 WHERE a.attcollation = 'pg_catalog."default"'::regcollation AND {_OURS} ORDER BY 1, 2
"""
