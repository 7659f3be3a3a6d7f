-- A version is judged when it is to run, by the policy that holds then; what was found is kept for the next run.

create sequence validation_policy_revision;
-- Never used twice, also not when a project's policy is taken away and set again.
alter table validation_policy add column revision bigint not null default nextval('validation_policy_revision');

-- What judged last whether the version may run: rules, policy and definition; null if nothing did. Here, so that admitting
-- a run need not look elsewhere.
alter table code_version add column judged_by text;
-- The errors for which it must not, a ValidationReport message; null if it may run.
alter table code_version add column refused_for bytea;
alter table code_version drop column refusal;
