-- What keeps sending in bounds.

-- Lines that mails stand in: one for the whole installation, named *, and one for each recipient domain.
create table mail_lines (
  name text primary key,
  -- When the next place is.
  free_at timestamptz not null,
  -- How many places the last who asked got.
  places integer not null
);

-- The mail server refuses us, and all senders have stopped until it is tried again. A single row, until it has taken a mail.
create table sending_pause (
  only_one boolean primary key default true check (only_one),
  reason text not null,
  -- The last mail that met it. Until a second one does, it may be that mail's own fault, and nothing stops.
  mail_id bigint,
  since timestamptz not null,
  until timestamptz not null,
  -- How often sending has stopped for it.
  times integer not null
);

-- A mail whose recipient domain has no place in its line is set aside under that name, so that it keeps no other waiting.
alter table outbox add column lane text;
drop index outbox_due;
create index outbox_due on outbox (priority, due_at, id) where state = 'queued' and lane is null;
create index outbox_lanes on outbox (lane, priority, due_at, id) where state = 'queued' and lane is not null;
create index outbox_failed on outbox (settled_at) where state = 'failed';
