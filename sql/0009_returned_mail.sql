-- Mail that comes back: what it said of which mail, and the pauses that complaints lead to.

create table reports (
  subscriber_id bigint not null references subscribers on delete cascade,
  -- The mail that came back; null when somebody wrote to a reader's address for leaving.
  outbox_id bigint references outbox on delete cascade,
  kind text not null check (kind in ('hard', 'soft', 'complaint', 'unsubscribe', 'other')),
  -- What it says and what came of it, in our words.
  detail text not null,
  received_at timestamptz not null,
  -- It counts once, however often it comes; how often within a day bounds what is read.
  times integer not null default 1,
  last_received_at timestamptz not null,
  unique nulls not distinct (subscriber_id, outbox_id, kind)
);
create index reports_by_outbox on reports (outbox_id);
create index reports_by_time on reports (received_at);

-- When too many readers complained: digests wait until somebody has looked. The row without `resumed_at` is in force.
create table digest_pauses (
  paused_at timestamptz not null,
  reason text not null,
  resumed_at timestamptz
);
create unique index digest_pauses_in_force on digest_pauses ((resumed_at is null)) where resumed_at is null;

-- How many mails were sent of late.
create index outbox_sent on outbox (settled_at) where state = 'sent';

-- The reader's own date that they were last served for, by an edition or by looking and finding nothing. It holds through
-- changes of hour and zone, which `planned_at` does not tell.
alter table subscribers add column served_on date;
update subscribers s set served_on = greatest(
  (select max(local_date) from digests d where d.subscriber_id = s.id),
  -- At the latest: whoever found nothing that day may be looked at once more.
  (s.planned_at at time zone 'UTC')::date - 1
);
