-- One member as a whole. Commands and connection strings are looked at and never told: they may hold passwords.
\set backup `pgbackrest --output=json --log-level-console=off info 2>/dev/null || true`
WITH RECURSIVE membership AS (
    SELECT member, roleid FROM pg_auth_members
    UNION
    SELECT membership.member, more.roleid FROM membership JOIN pg_auth_members AS more ON more.member = membership.roleid
), judged(name) AS (
    VALUES ('auth_delay.milliseconds'), ('credcheck.max_auth_failure'), ('data_checksums'),
           ('fsync'), ('full_page_writes'), ('idle_in_transaction_session_timeout'), ('idle_session_timeout'),
           ('log_connections'), ('log_destination'), ('log_disconnections'), ('log_filename'), ('log_line_prefix'),
           ('log_statement'), ('log_truncate_on_rotation'), ('logging_collector'), ('max_slot_wal_keep_size'),
           ('password_encryption'), ('pgaudit.log'), ('shared_preload_libraries'), ('ssl'), ('ssl_ciphers'),
           ('ssl_min_protocol_version'), ('synchronous_commit')
)
SELECT json_build_object(
    'version', current_setting('server_version_num')::int,
    'standby', pg_is_in_recovery(),
    'settings', (SELECT json_object_agg(name, setting ORDER BY name) FROM pg_settings JOIN judged USING (name)),
    'overrides', (
        SELECT coalesce(json_agg(json_build_object(
            'name', split_part(kept, '=', 1),
            'value', substr(kept, strpos(kept, '=') + 1),
            'role', coalesce(rolname, ''),
            'database', coalesce(datname, '')
        ) ORDER BY kept, rolname, datname), '[]')
          FROM pg_db_role_setting CROSS JOIN unnest(setconfig) AS kept
          LEFT JOIN pg_roles ON pg_roles.oid = setrole
          LEFT JOIN pg_database ON pg_database.oid = setdatabase
         WHERE split_part(kept, '=', 1) IN (SELECT name FROM judged)
    ),
    'access', (
        SELECT coalesce(json_agg(json_build_object(
            'line', line_number,
            'type', coalesce(type, ''),
            'databases', coalesce(database, '{}'),
            'users', coalesce(user_name, '{}'),
            'address', coalesce(address, ''),
            'netmask', coalesce(netmask, ''),
            'method', coalesce(auth_method, ''),
            'clientcert', coalesce((
                SELECT split_part(kept, '=', 2) FROM unnest(options) AS kept WHERE kept LIKE 'clientcert=%'
            ), ''),
            'error', coalesce(error, '')
        ) ORDER BY line_number), '[]') FROM pg_hba_file_rules
    ),
    'roles', (
        SELECT coalesce(json_agg(json_build_object(
            'name', rolname,
            'bootstrap', oid = 10,
            'superuser', rolsuper,
            'createRole', rolcreaterole,
            'createDb', rolcreatedb,
            'bypassRls', rolbypassrls,
            'replication', rolreplication,
            'login', rolcanlogin,
            'validUntil', CASE WHEN isfinite(rolvaliduntil) THEN to_char(rolvaliduntil, 'YYYY-MM-DD') END,
            'verifier', CASE
                WHEN rolpassword IS NULL THEN 'none'
                WHEN rolpassword LIKE 'SCRAM-SHA-256$%' THEN 'scram-sha-256'
                WHEN rolpassword LIKE 'md5%' THEN 'md5'
                ELSE 'other'
            END,
            'memberOf', (
                SELECT coalesce(json_agg(pg_get_userbyid(roleid) ORDER BY pg_get_userbyid(roleid)), '[]')
                  FROM membership WHERE member = pg_authid.oid
            )
        ) ORDER BY rolname), '[]') FROM pg_authid WHERE rolname NOT LIKE 'pg\_%'
    ),
    'clients', (
        SELECT coalesce(json_agg(json_build_object(
            'role', coalesce(usename, ''), 'protocol', coalesce(version, ''), 'count', count
        ) ORDER BY usename, version), '[]')
          FROM (
            SELECT usename, CASE WHEN encrypted THEN 'GSSAPI' ELSE version END AS version, count(*)
              FROM pg_stat_activity JOIN pg_stat_ssl USING (pid) JOIN pg_stat_gssapi USING (pid)
             WHERE client_addr IS NOT NULL AND NOT client_addr <<= ANY ('{127.0.0.0/8,::1}'::inet[])
             GROUP BY 1, 2
          ) AS found
    ),
    'standbys', (
        SELECT coalesce(json_agg(json_build_object(
            'name', application_name, 'state', coalesce(state, ''), 'sync', coalesce(sync_state, '')
        ) ORDER BY application_name), '[]') FROM pg_stat_replication WHERE application_name <> 'pg_basebackup'
    ),
    'receiver', (
        SELECT json_build_object(
            'status', status,
            'sslmode', coalesce(substring(conninfo FROM '(?:^| )sslmode=([a-z-]+)'), '')
        ) FROM pg_stat_wal_receiver
    ),
    'slots', (
        SELECT coalesce(json_agg(json_build_object(
            'name', slot_name,
            'type', slot_type,
            'active', active,
            'status', coalesce(wal_status, ''),
            'retainedBytes', greatest(0, pg_wal_lsn_diff(
                CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_lsn() END, restart_lsn
            )::bigint)
        ) ORDER BY slot_name), '[]') FROM pg_replication_slots
    ),
    'archive', (
        SELECT json_build_object(
            'mode', current_setting('archive_mode'),
            -- A command that throws the segment away and answers success keeps nothing.
            'destination', EXISTS (
                SELECT FROM pg_settings
                 WHERE name = 'archive_library' AND setting <> ''
                    OR name = 'archive_command' AND setting NOT IN ('', '(disabled)')
                       AND setting !~ '^\s*(/usr)?(/bin/)?(true|:)(\s|$)'
            ),
            'archived', archived_count,
            'failed', failed_count,
            'failing', coalesce(last_failed_time > coalesce(last_archived_time, '-infinity'), false)
        ) FROM pg_stat_archiver
    ),
    'backup', (
        SELECT json_build_object(
            'tool', 'pgbackrest',
            'fullAgeHours', min(age) FILTER (WHERE type = 'full'),
            'ageHours', min(age)
        ) FROM (
            SELECT one ->> 'type' AS type,
                   floor((extract(epoch FROM now()) - (one #>> '{timestamp,stop}')::bigint) / 3600)::int AS age
              FROM json_array_elements(nullif(:'backup', '')::json) AS stanza,
                   json_array_elements(stanza -> 'backup') AS one
             -- A repository may hold other clusters', and backups in which pages were found damaged.
             WHERE (one ->> 'error') IS DISTINCT FROM 'true'
               AND EXISTS (
                   SELECT FROM json_array_elements(stanza -> 'db') AS kept, pg_control_system() AS own
                    WHERE kept ->> 'system-id' = own.system_identifier::text
                      AND kept ->> 'id' = one #>> '{database,id}'
               )
        ) AS backups HAVING count(*) > 0
    ),
    'storage', json_build_object(
        'directory', :'data',
        'directoryMode', :'mode',
        'keyMode', nullif(:'key', ''),
        'layers', string_to_array(:'layers', ' ')
    )
);
