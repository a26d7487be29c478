-- All mails of a reader are asked for when they leave, when they ask for what is held about them, and when they are erased.
drop index outbox_open_by_subscriber;
create index outbox_by_subscriber on outbox (subscriber_id);
