package io.athena.procedures.procedure;

import io.athena.procedures.v1.Procedure;
import io.athena.procedures.v1.RecallProceduresResponse.Match;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import org.jdbi.v3.core.mapper.RowMapper;
import org.jdbi.v3.core.statement.StatementContext;
import org.jdbi.v3.sqlobject.config.RegisterRowMapper;
import org.jdbi.v3.sqlobject.statement.SqlQuery;

/** Finds procedures by words. */
interface RecallDao {
  /**
   * How alike two words must be to count: the share of their three-letter groups that they have in
   * common. 0.4 forgives one wrong, missing or swapped letter in a word of six.
   */
  @SqlQuery("select set_config('pg_trgm.word_similarity_threshold', '0.4', true)")
  String forgiveTypingErrors();

  /**
   * Best first. Candidates are the 200 with the best full-text rank; a word that occurs nowhere is
   * taken for mistyped, and up to 200 procedures with a similar word in the name, and as many with
   * one in the text, are candidates too. This keeps a question cheap that thousands of procedures
   * match. Then the score adds up four things, each 0 to about 1:
   *
   * <ul>
   *   <li>full-text rank of any of the words, where one in the name counts 1, in the category 0.6,
   *       in the description 0.4, and in a step 0.2: an inflected form is the same word;
   *   <li>1 if all words occur, whatever their place: a procedure that is about everything that was
   *       asked for comes before one that repeats a single word;
   *   <li>likeness of the words to those of the name, and
   *   <li>half the likeness to those of the whole text: what is left when a word is mistyped. Below
   *       0.3 words have no more in common than any two words, so counting begins there.
   * </ul>
   *
   * Words without meaning ("the") are left out, unless there are no others. What scores less than a
   * quarter of the best is likely noise, and is not given.
   */
  @SqlQuery(
      """
      with asked as (
        select plainto_tsquery('english', :query) as all_words,
               replace(plainto_tsquery('english', :query)::text, '&', '|')::tsquery as any_word,
               coalesce(
                 (select array_agg(distinct word) from unnest(:words) word
                  where numnode(plainto_tsquery('english', word)) > 0),
                 :words) as words
      ), mistyped as (
        select word
        from asked cross join unnest(asked.words) word
        where not exists (
          select from procedure p
          where p.project = :project and p.search @@ plainto_tsquery('english', word))
      ), candidate as (
        (select p.procedure_id
         from procedure p cross join asked a
         where p.project = :project and p.search @@ a.any_word
         order by p.search @@ a.all_words desc,
                  ts_rank('{0.2, 0.4, 0.6, 1.0}', p.search, a.any_word) desc,
                  p.procedure_id
         limit 200)
        union
        (select p.procedure_id from mistyped m cross join procedure p
         where p.project = :project and p.search_name %> m.word
         limit 200)
        union
        (select p.procedure_id from mistyped m cross join procedure p
         where p.project = :project and p.search_text %> m.word
         limit 200)
      ), found as (
        select p.procedure_id,
               ts_rank('{0.2, 0.4, 0.6, 1.0}', p.search, a.any_word)
               + case when p.search @@ a.all_words then 1 else 0 end
               + (select avg(greatest(word_similarity(word, p.search_name) - 0.3, 0) / 0.7)
                  from unnest(a.words) word)
               + (select avg(greatest(word_similarity(word, p.search_text) - 0.3, 0) / 0.7)
                  from unnest(a.words) word) / 2 as score
        from candidate
        join procedure p on p.procedure_id = candidate.procedure_id
        cross join asked a
      )
      """
          + "select found.score,"
          + ProcedureDao.COLUMNS
          + ProcedureDao.FROM
          + """
          join found on found.procedure_id = p.procedure_id
          where found.score >= (select max(score) from found) / 4
          order by found.score desc, p.procedure_id
          limit :most
          """)
  @RegisterRowMapper(MatchMapper.class)
  List<Match> recall(String query, String[] words, String project, int most);

  /** Makes matches of rows. */
  final class MatchMapper implements RowMapper<Match> {
    private final ProcedureMapper procedures = new ProcedureMapper();

    @Override
    public Match map(ResultSet row, StatementContext context) throws SQLException {
      Procedure procedure = procedures.map(row, context);
      return Match.newBuilder().setProcedure(procedure).setScore(row.getDouble("score")).build();
    }
  }
}
