-- Pages of results, which any tool may give: the types of the two arguments, what the catalogue
-- keeps, and the key that seals cursors.
create domain tool.page_size as integer
constraint page_size_check check (value between 1 and 1000);
comment on domain tool.page_size is
'A number from 1 to 1000.
@schema {"minimum": 1, "maximum": 1000}';

create domain tool.cursor as jsonb;
comment on domain tool.cursor is
'The next_cursor of this tool, asked with the same other arguments.
@schema {"type": "string"}';

-- the catalogue is built anew at the end of every apply
alter table mcp.tools add column page_key text [];
comment on column mcp.tools.page_key is
'Columns of the result by which its pages follow one another; null when it gives no pages.';
alter table mcp.tools add column has_columns boolean;
comment on column mcp.tools.has_columns is 'Whether a row of the result has named columns.';

-- squawk-ignore ban-drop-constraint
alter table auth.signing_keys drop constraint signing_keys_purpose_check;
-- squawk-ignore constraint-missing-not-valid
alter table auth.signing_keys add constraint signing_keys_purpose_check check (
    purpose in ('context', 'assertion', 'assertion_previous', 'call_log', 'cursor')
);

with secrets as materialized (
    select uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()) as secret
),

-- the key is filled up with zeros; byte xor pad, as (a or b) - (a and b)
bytes as (
    select
        n.position,
        case when n.position < 32 then get_byte(s.secret, n.position) else 0 end as key_byte
    from secrets as s
    cross join generate_series(0, 63) as n (position)
)

insert into auth.signing_keys (purpose, inner_key, outer_key)
select
    'cursor' as purpose,
    string_agg(
        set_byte('\x00', 0, (b.key_byte | 54) - (b.key_byte & 54)), ''::bytea
        order by b.position
    ) as inner_key,
    string_agg(
        set_byte('\x00', 0, (b.key_byte | 92) - (b.key_byte & 92)), ''::bytea
        order by b.position
    ) as outer_key
from bytes as b;
