-- What was found in code when it was saved.

alter table code_version add column draft boolean not null default false;
-- Why the policy of the time does not let it run; null if it does. Here, so that admitting a run need not look elsewhere.
alter table code_version add column refusal text;

create table code_validation (
  procedure_id bigint not null,
  version      integer not null,
  -- The ValidationReport message.
  report       bytea not null,
  primary key (procedure_id, version),
  foreign key (procedure_id, version) references code_version on delete cascade
);

-- Policies that projects have set for themselves.
create table validation_policy (
  project     text primary key,
  -- As its owner wrote it. Not jsonb: that would order its fields anew.
  document    json not null,
  update_time timestamptz not null,
  updated_by  text not null
);
