-- What stands for pgvector on a PostgreSQL of which no package has a build of it: the type, the
-- operators and the access method by their names, so that whatever uses them can be created. None
-- of it computes anything.
create type vector;
create function vector_in(cstring) returns vector
language internal
immutable
strict as 'textin';
create function vector_out(vector) returns cstring
language internal
immutable
strict as 'textout';
create function vector_typmod_in(cstring[]) returns integer
language internal
immutable
strict as 'bittypmodin';
create function vector_typmod_out(integer) returns cstring
language internal
immutable
strict as 'bittypmodout';
create type vector (
    input = vector_in,
    output = vector_out,
    typmod_in = vector_typmod_in,
    typmod_out = vector_typmod_out,
    internallength = variable
);
create function cosine_distance(vector, vector) returns double precision
language sql
immutable
return 0;
create operator <=> (leftarg = vector, rightarg = vector, function = cosine_distance);
create function vector_first(vector, vector) returns vector
language sql
immutable
return $1;
create aggregate avg(vector) (sfunc = vector_first, stype = vector);
create function vector_hash(vector) returns integer
language sql
immutable
return 0;
create access method ivfflat type index handler hashhandler;
create operator class vector_cosine_ops for type vector using ivfflat as
function 1 vector_hash(vector);
