-- Readers, their interests, and the links that act for them.

create table subscribers (
  id bigint generated always as identity primary key,
  email text not null,
  -- The address in lower case: one reader for an address however it is typed.
  email_key text not null unique,
  status text not null check (status in ('pending', 'active', 'paused', 'unsubscribed', 'suppressed')),
  cadence text not null default 'daily' check (cadence in ('daily', 'weekdays', 'weekly')),
  weekday smallint not null default 1 check (weekday between 1 and 7),
  hour smallint not null default 8 check (hour between 0 and 23),
  timezone text not null default 'UTC',
  trending boolean not null default true,
  paper_limit smallint not null default 10 check (paper_limit between 1 and 50),
  created_at timestamptz not null,
  confirmed_at timestamptz,
  unsubscribed_at timestamptz,
  -- When the next digest is due; null unless active.
  next_due_at timestamptz,
  -- When, and through which batch of matches, the last planning went.
  planned_at timestamptz,
  planned_batch_id bigint not null default 0,
  editions integer not null default 0,
  check (status <> 'active' or next_due_at is not null)
);
create index subscribers_due on subscribers (next_due_at) where status = 'active';

-- What a form asked for. It takes effect only when the owner of the address confirms it.
create table subscription_requests (
  id bigint generated always as identity primary key,
  subscriber_id bigint not null references subscribers on delete cascade,
  preferences jsonb not null,
  -- The reader was subscribed already when they asked.
  is_change boolean not null,
  created_at timestamptz not null,
  confirmed_at timestamptz
);
create index subscription_requests_by_subscriber on subscription_requests (subscriber_id, created_at);

-- The canonical form of interests: everyone who typed an equivalent one shares the row.
create table queries (
  id bigint generated always as identity primary key,
  canonical text not null unique,
  expression tsquery not null,
  created_at timestamptz not null,
  -- The batch that matched it to the papers of the week before; null until then.
  batch_id bigint
);
create index queries_unmatched on queries (id) where batch_id is null;

create table interests (
  id bigint generated always as identity primary key,
  subscriber_id bigint not null references subscribers on delete cascade,
  query_id bigint not null references queries,
  position smallint not null,
  typed text not null,
  created_at timestamptz not null,
  -- Matches of later batches count for a reader's first digest with this interest.
  since_batch_id bigint not null,
  unique (subscriber_id, query_id)
);
create index interests_by_query on interests (query_id);

-- Links in mails. Only the hash is kept: who reads the database can't act for a reader.
create table tokens (
  hash bytea primary key,
  purpose text not null,
  subscriber_id bigint not null references subscribers on delete cascade,
  -- The request or digest that the link is about, where it is about one.
  subject_id bigint,
  created_at timestamptz not null,
  expires_at timestamptz
);
create index tokens_by_subscriber on tokens (subscriber_id);

-- Addresses that are never mailed again until their owner asks, as keyed hashes.
create table suppressions (
  address_hash bytea primary key,
  reason text not null,
  created_at timestamptz not null
);
