create or replace function mcp_auth.find_user(id_or_name text)
returns uuid
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_found uuid[] := array(
        select u.user_id
        from mcp_auth.users as u
        where
            u.user_id::text = lower(find_user.id_or_name)
            or u.name = find_user.id_or_name
            -- who was deactivated does not hide who has the name now
            and (
                u.is_active
                or not exists (
                    select from mcp_auth.users as o where o.name = find_user.id_or_name and o.is_active
                )
            )
        order by u.user_id
    );
begin
    if cardinality(v_found) = 0 then
        raise no_data_found using
            message = format('no user has the id or the exact name "%s"', find_user.id_or_name),
            hint = 'mcp_auth.list_users() lists the users.';
    elsif cardinality(v_found) > 1 then
        raise cardinality_violation using
            message = format('%s users have the name "%s"', cardinality(v_found), find_user.id_or_name),
            hint = format('Give the id of one: %s.', array_to_string(v_found, ', '));
    end if;
    return v_found[1];
end
$$;

comment on function mcp_auth.find_user(text) is $comment$
Return the user with an id or an exact name; of several with the name, the active one.

@param id_or_name  A user's id, or exact name.
@returns The id.
@error NOT_FOUND Nobody has it.
@error VALIDATION_ERROR Several users have this name, active or not one; the hint gives their ids.
$comment$;

alter function mcp_auth.find_user(text) owner to mcp_core;
revoke all on function mcp_auth.find_user(text) from public;
