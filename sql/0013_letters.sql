-- Mails to readers besides their digests, and links that end with the address that they were mailed to.

alter table outbox drop constraint outbox_kind_check;
alter table outbox add constraint outbox_kind_check
  check (kind in ('confirm', 'digest', 'welcome', 'preferences-link', 'address-change', 'address-changed', 'goodbye'));

-- The reader wants an edition for a date that brings no paper, too: a note of what was read.
alter table subscribers add column all_is_well boolean not null default false;

-- How often the mails have moved to another address. A reader's links are made anew each time.
alter table subscribers add column moves integer not null default 0;

-- The `email_key` that a reader's link was mailed to; null: the one that they have had since before this was kept.
alter table tokens add column mailed_to text;
