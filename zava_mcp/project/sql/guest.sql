-- What a project for a database that exists must know of it: its names, and what is taken.
select jsonb_build_object(
    'database', current_database(),
    'schemas', array(
        select s.entry
        from unnest(string_to_array(
            (select p.reset_val from pg_catalog.pg_settings as p where p.name = 'search_path'), ','
        )) with ordinality as u (name, position)
        cross join lateral (select btrim(u.name, ' "') as entry) as s
        where s.entry <> '$user' and to_regnamespace(quote_ident(s.entry)) is not null
        order by u.position
    ),
    'taken_schemas', array(select n.nspname::text from pg_catalog.pg_namespace as n),
    'taken_roles', array(select r.rolname::text from pg_catalog.pg_roles as r)
)
