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

-- Until which day a reader wants no mail. Their next digest is due then, with the best of what came meanwhile.
alter table subscribers add column paused_until date;

-- Interests that a reader has muted. No digest looks for them: so they are not among `interests`.
create table muted_interests (
  subscriber_id bigint not null references subscribers on delete cascade,
  canonical text not null,
  typed text not null,
  muted_at timestamptz not null,
  primary key (subscriber_id, canonical)
);

-- A reader's wish to get the mails at another address: confirmed by its owner, told to the old one, who can take it back.
create table address_changes (
  id bigint generated always as identity primary key,
  subscriber_id bigint not null references subscribers on delete cascade,
  old_email text not null,
  new_email text not null,
  created_at timestamptz not null,
  confirmed_at timestamptz,
  undone_at timestamptz
);
create index address_changes_by_subscriber on address_changes (subscriber_id, created_at);

-- Who asked for the link to their preferences. One from an address that nobody reads at is written, too, so that both take as
-- long.
create table link_requests (
  id bigint generated always as identity primary key,
  subscriber_id bigint references subscribers on delete cascade,
  created_at timestamptz not null
);
create index link_requests_by_subscriber on link_requests (subscriber_id, created_at);

alter table outbox drop constraint outbox_kind_check;
alter table outbox add constraint outbox_kind_check
  check (kind in ('confirm', 'digest', 'preferences-link', 'address-change', 'address-changed'));
