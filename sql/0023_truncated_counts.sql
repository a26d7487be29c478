-- A table that is emptied takes back what was counted. To delete the counts missed those that housekeeping was adding up just then;
-- their sum is the same before and after. And names are found whatever schemas the session looks in.
create or replace function count_rows() returns trigger language plpgsql set search_path from current as $$
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
