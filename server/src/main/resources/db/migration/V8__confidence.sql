-- Confidence has become the probability that a version is right (io.athena.procedures.code.Confidence has the formula and its source):
-- what is stored is computed anew. Gamma functions of whole steps are products, here sums of logarithms.
update version_stats
set confidence = step_coverage / (1 + exp(least(700.0,
  -- Examples: Beta(2.6, 1.4) if the version is wrong, Beta(99, 1) if it is right.
  (select coalesce(sum(ln((2.6 + i)::double precision / (4.0 + i)) - ln((99.0 + i)::double precision / (100.0 + i))), 0)
   from generate_series(0, example_success_count - 1) i)
  + (select coalesce(sum(ln((1.4 + i)::double precision / (4.0 + example_success_count + i))
                         - ln((1.0 + i)::double precision / (100.0 + example_success_count + i))), 0)
     from generate_series(0, example_failure_count - 1) i)
  -- Runs: Beta(22, 1) if it is wrong, Beta(49, 1) if it is right; the factorials of the failures cancel out.
  + ln(22::double precision / 49)
  + (select sum(ln((49.0 + success_count + i)::double precision / (22.0 + success_count + i)))
     from generate_series(0, failure_count - no_fault_count) i))))
where version > 0;
