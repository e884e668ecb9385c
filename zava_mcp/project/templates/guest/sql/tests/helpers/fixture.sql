-- What the tests share, made once before them: a caller of each audience. The tests of a project
-- for a database that exists run there, or on a copy: zava-mcp migrate test. Each rolls back.
select tests.add_caller('someone', 'AUDIENCE', '{}');
