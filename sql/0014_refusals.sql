-- What is refused or fails for many may not be the fault of each.

-- When the mail server first refused the mail for good; the others of the time tell whether the reader's address is at fault.
alter table outbox add refused_at timestamptz;
create index outbox_refused on outbox (refused_at) where refused_at is not null;

-- Readers whose digest could not be planned, and who are tried again later so that they stop nobody else.
create table planning_failures (
  subscriber_id bigint primary key references subscribers on delete cascade,
  reason text not null,
  times integer not null,
  failed_at timestamptz not null,
  retry_at timestamptz not null
);
