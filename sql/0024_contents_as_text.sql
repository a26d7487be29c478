-- PostgreSQL reads json through as it is written, which was half of writing a digest. This is written by the planner alone; what
-- reads it here says that it is JSON.
drop view digest_entries;
alter table digests alter contents type text;

create view digest_entries as
select d.id as digest_id, e.place,
  -- What only comes near a query is no hit of it.
  case when e.entry ->> 'near' is null then (w.interest ->> 'query')::bigint end as query_id, w.interest ->> 'typed' as interest,
  v.paper_id, coalesce(v.arxiv_id, v.paper_id::text) as slug, v.title, e.entry ->> 'taste' as taste,
  e.entry ->> 'near' is not null as is_near
from digests d
cross join lateral json_array_elements(d.contents::json -> 'papers') with ordinality as e (entry, place)
cross join lateral (select d.contents::json -> 'interests' -> (e.entry ->> 'interest')::integer as interest) as w
join paper_versions v on v.paper_id = (e.entry ->> 'paper')::bigint
  and v.revision = coalesce((e.entry ->> 'revision')::integer, 1);
