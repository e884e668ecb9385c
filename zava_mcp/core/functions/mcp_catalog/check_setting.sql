create or replace function mcp_catalog.check_setting()
returns trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_type text := jsonb_typeof(old.value);
    v_expected text := case v_type
        when 'number' then 'a whole number from 0 to 2147483647'
        when 'boolean' then 'true or false'
        when 'array' then 'an array'
    end;
begin
    -- what is a text, or not set yet, may be either
    if v_expected is null or jsonb_typeof(new.value) = v_type and (
        v_type <> 'number'
        or new.value::numeric between 0 and 2147483647 and scale(trim_scale(new.value::numeric)) = 0
    ) then
        return new;
    end if;
    raise invalid_parameter_value using
        message = format('setting %s must be %s', new.name, v_expected),
        column = 'value';
end
$$;

comment on function mcp_catalog.check_setting() is $comment$
Refuse a value of mcp_catalog.settings that is of another type than the one before: calls and upkeep would fail by it.

@error VALIDATION_ERROR It is of another type, or no number that an integer holds.
$comment$;

alter function mcp_catalog.check_setting() owner to mcp_core;
revoke all on function mcp_catalog.check_setting() from public;

drop trigger if exists settings_check on mcp_catalog.settings;
create trigger settings_check
before update of value on mcp_catalog.settings
for each row
when (old.value is distinct from new.value)
execute function mcp_catalog.check_setting();
comment on trigger settings_check on mcp_catalog.settings is
'Refuses a value of another type.';
