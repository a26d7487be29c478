-- What keeps sending in bounds.

-- Lines that mails stand in: one for the whole installation, named *, and one for each recipient domain.
create table mail_lines (
  name text primary key,
  -- When the next place is.
  free_at timestamptz not null,
  -- How many places the last who asked got.
  places integer not null
);

-- All senders have stopped, because the mail server refuses us. A single row, until the server has taken a mail.
create table sending_pause (
  only_one boolean primary key default true check (only_one),
  reason text not null,
  since timestamptz not null,
  until timestamptz not null,
  times integer not null
);

-- A mail whose recipient domain has no place in its line is set aside under that name, so that it keeps no other waiting.
alter table outbox add column lane text;
drop index outbox_due;
create index outbox_due on outbox (priority, due_at, id) where state = 'queued' and lane is null;
create index outbox_lanes on outbox (lane, priority, due_at, id) where state = 'queued' and lane is not null;
create index outbox_failed on outbox (settled_at) where state = 'failed';
