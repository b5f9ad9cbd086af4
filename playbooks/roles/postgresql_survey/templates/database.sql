-- One database, asked inside it: what everybody may do there, and what runs with more rights than its caller's.
WITH ours AS (
    SELECT oid, nspname FROM pg_namespace
     WHERE nspname NOT LIKE 'pg\_%' AND nspname <> 'information_schema'
)
SELECT json_build_object(
    'name', datname,
    'owner', pg_get_userbyid(datdba),
    'template', datistemplate,
    'encoding', pg_encoding_to_char(encoding),
    'collation', datcollate,
    'publicConnects', has_database_privilege('public', oid, 'CONNECT'),
    'publicSchemas', (
        SELECT coalesce(json_agg(nspname ORDER BY nspname), '[]') FROM ours
         WHERE has_schema_privilege('public', ours.oid, 'CREATE')
    ),
    'publicTables', (
        SELECT coalesce(json_agg(name ORDER BY name), '[]') FROM (
            SELECT DISTINCT format('%s.%s', nspname, relname) AS name
              FROM pg_class JOIN ours ON ours.oid = relnamespace CROSS JOIN LATERAL aclexplode(relacl) AS granted
             WHERE relkind IN ('r', 'p', 'v', 'm', 'f') AND granted.grantee = 0
               AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = pg_class.oid AND deptype = 'e')
        ) AS found
    ),
    'openDefiners', (
        SELECT coalesce(json_agg(format('%s.%s(%s)', nspname, proname, pg_get_function_identity_arguments(pg_proc.oid))
                                 ORDER BY nspname, proname, pg_proc.oid), '[]')
          FROM pg_proc JOIN ours ON ours.oid = pronamespace JOIN pg_roles ON pg_roles.oid = proowner
         WHERE prosecdef AND rolsuper
           AND NOT EXISTS (SELECT FROM unnest(proconfig) AS kept WHERE kept LIKE 'search\_path=%')
           AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = pg_proc.oid AND deptype = 'e')
    ),
    'idlePolicies', (
        SELECT coalesce(json_agg(name ORDER BY name), '[]') FROM (
            SELECT DISTINCT format('%s.%s', nspname, relname) AS name
              FROM pg_policy JOIN pg_class ON pg_class.oid = polrelid JOIN ours ON ours.oid = relnamespace
             WHERE NOT relrowsecurity
        ) AS found
    ),
    'extensions', (SELECT json_object_agg(extname, extversion) FROM pg_extension),
    'untrustedLanguages', (
        SELECT coalesce(json_agg(lanname ORDER BY lanname), '[]') FROM pg_language WHERE lanispl AND NOT lanpltrusted
    )
) FROM pg_database WHERE datname = current_database();
