create or replace function mcp_catalog.parse_ui(lines jsonb)
returns jsonb
language plpgsql
immutable
security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
    v_ui jsonb := '{"links": [], "unknown": []}';
    v_line text;
    v_part text[];
begin
    for v_line in select l from jsonb_array_elements_text(lines) as l loop
        v_part := regexp_match(v_line, '^link (\S+) -> (\w+)\(([^()]*)\)$');
        if v_part is not null then
            v_ui := jsonb_insert(v_ui, '{links,-1}', jsonb_build_object(
                'column', v_part[1],
                'tool', v_part[2],
                -- note_id stands for note_id=note_id
                'arguments', coalesce((
                    select jsonb_object_agg(split_part(a, '=', 1), split_part(a, '=', case when a ~ '=' then 2 else 1 end))
                    from regexp_split_to_table(btrim(v_part[3]), '\s*,\s*') as a
                    where a <> ''
                ), '{}')
            ), true);
            continue;
        end if;
        v_part := regexp_match(v_line, '^page (\S.*)$');
        if v_part is not null then
            v_ui := v_ui || jsonb_build_object('page', v_part[1]);
            continue;
        end if;
        v_part := regexp_match(v_line, '^(line|bar|figures|table|none)((?: (?:x|y|by)=\S+)*)$');
        if v_part is null or v_ui ? 'kind' then
            v_ui := jsonb_insert(v_ui, '{unknown,-1}', to_jsonb(v_line), true);
            continue;
        end if;
        v_ui := v_ui || jsonb_build_object('kind', v_part[1]) || coalesce((
            select jsonb_object_agg(
                o.part[1],
                case when o.part[1] = 'y' then to_jsonb(string_to_array(o.part[2], ',')) else to_jsonb(o.part[2]) end
            )
            from regexp_matches(v_part[2], '(x|y|by)=(\S+)', 'g') as o (part)
        ), '{}');
    end loop;
    return v_ui;
end
$$;

comment on function mcp_catalog.parse_ui(jsonb) is $comment$
Read the @ui lines of a comment: "line x=day y=revenue,units by=store", "bar", "figures", "table", "none";
"link note -> get_note(note_id)", where note_id=id takes another column; "page Operations".

@param lines  What stands after each @ui, as mcp_catalog.parse_comment gives it.
@returns {"kind", "x", "y": [columns], "by", "page", "links": [{"column", "tool", "arguments": {argument: column}}],
"unknown": [lines that cannot be read, or say a second kind]}.
$comment$;

alter function mcp_catalog.parse_ui(jsonb) owner to mcp_core;
revoke all on function mcp_catalog.parse_ui(jsonb) from public;
