-- What is written for each digest that is planned, made lighter.

-- An interest stands once in a digest's contents, however many papers it brought; before, it stood with each of them. Of an
-- edition without papers the text alone was kept.
update digests d set contents = (
  with entries as (
    select entry::jsonb, place from json_array_elements(d.contents -> 'papers') with ordinality as e (entry, place)
  ),
  wanted as (
    select query, typed, row_number() over (order by first) - 1 as at from (
      select entry ->> 'query' as query, entry ->> 'interest' as typed, min(place) as first
      from entries where entry ->> 'query' is not null group by 1, 2
    ) as known
  ),
  papers as (
    select (e.entry - 'query' - 'interest') || case when w.at is null then '{}' else jsonb_build_object('interest', w.at) end as entry,
      e.place
    from entries e left join wanted w on w.query = e.entry ->> 'query' and w.typed is not distinct from e.entry ->> 'interest'
  )
  select jsonb_strip_nulls(jsonb_build_object(
    'papers', coalesce((select jsonb_agg(entry order by place) from papers), '[]'),
    'interests', coalesce(
      (select jsonb_agg(jsonb_build_object('query', query::bigint, 'typed', typed) order by at) from wanted),
      (select jsonb_agg(jsonb_build_object('query', 0, 'typed', typed) order by place)
       from json_array_elements_text(d.contents -> 'interests') with ordinality as i (typed, place))),
    'notes', d.contents -> 'notes'))
);

create or replace view digest_entries as
select d.id as digest_id, e.place,
  -- What only comes near a query is no hit of it.
  case when e.entry ->> 'near' is null then (w.interest ->> 'query')::bigint end as query_id, w.interest ->> 'typed' as interest,
  v.paper_id, coalesce(v.arxiv_id, v.paper_id::text) as slug, v.title, e.entry ->> 'taste' as taste,
  e.entry ->> 'near' is not null as is_near
from digests d
cross join lateral json_array_elements(d.contents -> 'papers') with ordinality as e (entry, place)
cross join lateral (select d.contents -> 'interests' -> (e.entry ->> 'interest')::integer as interest) as w
join paper_versions v on v.paper_id = (e.entry ->> 'paper')::bigint
  and v.revision = coalesce((e.entry ->> 'revision')::integer, 1);

-- What a mail is about has one reader: one key does for both, and leads to all mails of a reader.
alter table outbox drop constraint outbox_kind_subject_id_key, add unique (subscriber_id, kind, subject_id);
drop index outbox_by_subscriber;

-- Who is planned keeps their status. A statement that does not name it has no row looked at, or kept to be.
drop trigger count_moved on subscribers;
create function count_move() returns trigger language plpgsql set search_path from current as $$
begin
  insert into row_counts values (tg_table_name, old.status, -1), (tg_table_name, new.status, 1);
  return null;
end $$;
create trigger count_moved after update of status on subscribers
  for each row when (old.status is distinct from new.status) execute function count_move();
