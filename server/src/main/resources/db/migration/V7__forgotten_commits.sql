-- Commits of forgotten procedures: no ref leads to them any more. They stay for a while, for whoever reads them just then;
-- the time counts from when they were forgotten, however old they are.
create table forgotten_commit (
  project     text not null,
  object_id   bytea not null check (octet_length(object_id) = 20),
  -- The number it had as a version: of a long history the newest go first, because later commits refer to earlier ones.
  version     integer not null,
  forget_time timestamptz not null default now(),
  primary key (project, object_id)
);

-- What was forgotten before this was kept, as of now.
insert into forgotten_commit (project, object_id, version)
select o.project, o.object_id, row_number() over (partition by o.project order by o.write_time)
from git_object o
where o.type = 1
  and not exists (
    select from code_version v where v.commit_id = encode(o.object_id, 'hex') and v.commit_id <> '');

-- Maintenance goes by the table above now.
comment on column git_object.write_time is
  'When it was written, or was last found to be needed again; maintenance takes nothing for unused so soon after that.';
