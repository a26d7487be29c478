-- How many rows of a table are in each state, without reading millions to count them. A statement that moves rows from state to
-- state adds what it changed as rows of its own, so that nobody waits for anybody; housekeeping adds them up.
create table row_counts (
  relation text not null,
  state text not null,
  change bigint not null
);

-- What was counted of a table that is emptied is taken back by its sum: to delete it would miss what housekeeping is adding up just then.
create function count_rows() returns trigger language plpgsql set search_path from current as $$
declare
  -- The column with the state.
  by_state constant text := tg_argv[0];
begin
  if tg_op = 'TRUNCATE' then
    insert into row_counts
    select relation, state, -sum(change) from row_counts where relation = tg_table_name group by 1, 2 having sum(change) <> 0;
  elsif tg_op = 'INSERT' then
    execute format('insert into row_counts select %L, %I, count(*) from added group by 2', tg_table_name, by_state);
  elsif tg_op = 'DELETE' then
    execute format('insert into row_counts select %L, %I, -count(*) from removed group by 2', tg_table_name, by_state);
  else
    execute format(
      'insert into row_counts select %1$L, state, sum(change)
       from (select %2$I as state, 1 as change from added union all select %2$I, -1 from removed) as moved
       group by 2 having sum(change) <> 0', tg_table_name, by_state);
  end if;
  return null;
end $$;

create trigger count_added after insert on outbox referencing new table as added
  for each statement execute function count_rows('state');
create trigger count_moved after update on outbox referencing old table as removed new table as added
  for each statement execute function count_rows('state');
create trigger count_removed after delete on outbox referencing old table as removed
  for each statement execute function count_rows('state');
create trigger count_truncated after truncate on outbox for each statement execute function count_rows('state');

create trigger count_added after insert on subscribers referencing new table as added
  for each statement execute function count_rows('status');
create trigger count_moved after update on subscribers referencing old table as removed new table as added
  for each statement execute function count_rows('status');
create trigger count_removed after delete on subscribers referencing old table as removed
  for each statement execute function count_rows('status');
create trigger count_truncated after truncate on subscribers for each statement execute function count_rows('status');

-- Nobody writes to either table between the triggers, which lock them, and the end of this.
insert into row_counts select 'outbox', state, count(*) from outbox group by 2;
insert into row_counts select 'subscribers', status, count(*) from subscribers group by 2;
