-- For a query that hits no paper of a batch, the one that comes nearest, where any comes near.
create table near_misses (
  query_id bigint not null references queries (id) on delete cascade,
  batch_id bigint not null references batches (id),
  paper_id bigint not null references papers (id),
  rank real not null,
  -- A lexeme of the part of the query that the paper lacks.
  missing text not null,
  primary key (query_id, batch_id)
);
create index near_misses_by_batch on near_misses (batch_id);

create or replace view digest_entries as
select d.id as digest_id, e.place,
  -- What only comes near a query is no hit of it.
  case when e.entry ->> 'near' is null then (e.entry ->> 'query')::bigint end as query_id, e.entry ->> 'interest' as interest,
  v.paper_id, coalesce(v.arxiv_id, v.paper_id::text) as slug, v.title, e.entry ->> 'taste' as taste,
  e.entry ->> 'near' is not null as is_near
from digests d
cross join lateral json_array_elements(d.contents -> 'papers') with ordinality as e (entry, place)
join paper_versions v on v.paper_id = (e.entry ->> 'paper')::bigint
  and v.revision = coalesce((e.entry ->> 'revision')::integer, 1);
