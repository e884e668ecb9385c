create or replace function mcp_catalog.add_skill(function oid, title text, description text)
returns void
language plpgsql
volatile
security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
    v_name text := (select replace(p.proname, '_', '-') from pg_proc as p where p.oid = add_skill.function);
    v_text text;
    v_content text;
begin
    execute format('select %s()', function::regproc) into v_text;
    if coalesce(v_text, '') !~ '\S' then
        raise invalid_parameter_value using message = 'its text is empty: return the instructions';
    end if;
    if mcp_catalog.first_hidden(v_text) is not null then
        raise invalid_parameter_value using message = format(
            'its text has a control, bidi or invisible character, %s: remove it', mcp_catalog.first_hidden(v_text)
        );
    end if;
    -- every text of JSON is one of YAML
    v_content := format(
        E'---\nname: %s\ndescription: %s\n---\n\n%s\n', v_name, to_json(description), btrim(v_text, E' \n\r\t')
    );
    insert into mcp_catalog.skills (name, function, title, description, named, content, digest, size)
    select
        v_name,
        add_skill.function::regprocedure,
        add_skill.title,
        add_skill.description,
        array(
            select p.oid::regprocedure::text
            from mcp_catalog.exposed_functions() as e (oid)
            join pg_proc as p on p.oid = e.oid
            where p.oid <> add_skill.function
                and p.proname in (select btrim(w, '.-') from regexp_split_to_table(v_text, '[^A-Za-z0-9_.-]+') as w)
            order by p.proname
        ),
        v_content,
        'sha256:' || encode(sha256(convert_to(v_content, 'UTF8')), 'hex'),
        octet_length(convert_to(v_content, 'UTF8'));
end
$$;

comment on function mcp_catalog.add_skill(oid, text, text) is $comment$
Add a skill to the catalogue: what its function returns, after front matter with name and description.

@param function     The function without arguments that returns its text.
@param title        Title.
@param description  When to use it.
@error VALIDATION_ERROR The text is empty, or has a control, bidi or invisible character.
$comment$;

alter function mcp_catalog.add_skill(oid, text, text) owner to mcp_core;
revoke all on function mcp_catalog.add_skill(oid, text, text) from public;
