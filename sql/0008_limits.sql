-- How much one caller may ask of the server: by audience, and for those without a row of their own.
create table mcp.limits (
    audience name,
    calls_per_minute integer not null,
    concurrent_calls integer not null,
    concurrent_queries integer not null,
    constraint limits_audience_key unique nulls not distinct (audience),
    constraint limits_audience_fkey foreign key (audience)
    references auth.audiences (audience) on delete restrict,
    constraint limits_calls_per_minute_check check (calls_per_minute between 1 and 1000000),
    constraint limits_concurrent_calls_check check (concurrent_calls between 1 and 1000),
    constraint limits_concurrent_queries_check
    check (concurrent_queries between 1 and concurrent_calls)
);
comment on table mcp.limits is
'What each caller of an audience may ask of the server. The shim counts and refuses; a change '
'holds within a second.';
comment on column mcp.limits.audience is
'Whose callers; null is for every audience without a row of its own.';
comment on column mcp.limits.calls_per_minute is
'Calls that one user may begin within a minute, over all credentials of that user.';
comment on column mcp.limits.concurrent_calls is
'Calls of one user that may run at the same time in one process of the shim. Fewer than the '
'connections of its pool, so that one caller cannot hold them all.';
comment on column mcp.limits.concurrent_queries is
'How many of those may be calls of tools tagged sandbox, which run the caller''s own SQL.';

insert into mcp.limits (audience, calls_per_minute, concurrent_calls, concurrent_queries)
values (null, 600, 8, 4);

-- a new owner needs CREATE on the schema for the moment of the hand-over
grant create on schema mcp to zava_auth;
alter table mcp.limits owner to zava_auth;
revoke create on schema mcp from zava_auth;
