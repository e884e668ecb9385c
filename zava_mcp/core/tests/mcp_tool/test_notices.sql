-- mcp_tool.progress, log and embedding_model. What the notices carry is read by a client: SQL
-- cannot catch a NOTICE, so that the pytest suite proves their text.
begin;
set local search_path = tests, ext, public;
set local client_min_messages = warning;
select plan(21);
select tests.load_fixture();

select
    lives_ok(
        format('select mcp_tool.progress(%s)', p.arguments),
        format('progress(%s)', p.arguments)
    )
from unnest(
    array['1', '0.5, 2', '1, null, null', '1, 2, ''half 🛒 %''', '''NaN''']
) as p (arguments);
select
    lives_ok(
        format('select mcp_tool.log(%L, ''text %% 🛒'')', l.level),
        format('log at level %s', l.level)
    )
from unnest(
    array['debug', 'info', 'notice', 'warning', 'error', 'critical', 'alert', 'emergency']
) as l (level);
select
    is(
        tests.error_of(format('select mcp_tool.log(%L, ''x'')', l.level)) - 'hint' - 'constraint',
        '{"code": "22023", "column": "level", "message": "level must be one of '
        'debug, info, notice, warning, error, critical, alert, emergency"}',
        format('refused: level "%s"', l.level)
    )
from unnest(array['INFO', 'loud', '']) as l (level);

-- the model of the vectors that came with the call
select is(mcp_tool.embedding_model(), null, 'no call, no model');
select is(set_config('app.embedding_model', 'm', true), 'm', 'a call with vectors');
select is(mcp_tool.embedding_model(), 'm', 'the model of the call');
select is(set_config('app.embedding_model', '', true), '', 'a call without');
select is(mcp_tool.embedding_model(), null, 'an empty name is none');

select finish();
rollback;
