alter table version_stats add constraint version_stats_prior_odds check (prior_odds > 0 and prior_odds <= 1);

-- What generation found out of code that it made, saved or not: whoever saves the same text later has the evidence with it. Of one
-- definition only; of another it would say nothing.
create table generated_code (
  procedure_id           bigint not null references procedure on delete cascade,
  sha256                 text not null,
  -- See io.athena.procedures.procedure.Definitions.id.
  definition_id          text not null,
  -- 'llm' or 'rules'.
  generator              text not null,
  example_success_count  integer not null,
  example_failure_count  integer not null,
  step_coverage          double precision not null,
  primary key (procedure_id, sha256)
);

-- Finds the versions that have the code of a new one.
create index code_version_by_sha256 on code_version (procedure_id, sha256);
