-- What the site reads by: papers in their order, and what readers can do on their own page.

-- How much a paper trends: votes and comments, half as much with every three days. It is the logarithm, less the share of it
-- that is the same for all papers at a time: so it stays what it is while time goes by, and an index has papers in their order.
-- A paper is as old as since it was first seen, but a week younger than its publication at most: old papers are no news.
create function trend(upvotes integer, comments integer, published_on date, first_seen_at timestamptz) returns float8
language sql immutable parallel safe
return ln((1 + coalesce(upvotes, 0) + 2 * coalesce(comments, 0))::float8) / ln(2::float8)
  + extract(epoch from least(first_seen_at at time zone 'UTC', published_on + interval '7 days'))::float8 / (3 * 86400);

create index papers_by_trend on papers (trend(upvotes, comments, published_on, first_seen_at), id);

drop index papers_by_day;
create index papers_by_day on papers (day, id);
