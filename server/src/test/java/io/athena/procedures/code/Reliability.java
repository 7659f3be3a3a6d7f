package io.athena.procedures.code;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * How probabilities that were told compare with what came true.
 *
 * <p>The Brier score is the mean of (told - true)², 0 at best; 0.25 is what telling 0.5 every time
 * gives (G. W. Brier, "Verification of forecasts expressed in terms of probability", Monthly
 * Weather Review 78, 1950). The expected calibration error is the mean distance of what was told
 * from the share that came true, over ten classes of equal width weighted by their size (M. P.
 * Naeini and others, "Obtaining well calibrated probabilities using Bayesian binning", AAAI 2015).
 */
final class Reliability {
  private static final int CLASSES = 10;

  private final String title;
  private final double[] told = new double[CLASSES];
  private final int[] cameTrue = new int[CLASSES];
  private final int[] counts = new int[CLASSES];
  private double squares;
  private int count;

  Reliability(String title) {
    this.title = title;
  }

  void add(double probability, boolean came) {
    int at = Math.min(CLASSES - 1, (int) (probability * CLASSES));
    told[at] += probability;
    cameTrue[at] += came ? 1 : 0;
    counts[at]++;
    squares += Math.pow(probability - (came ? 1 : 0), 2);
    count++;
  }

  String title() {
    return title;
  }

  double brier() {
    return squares / count;
  }

  double calibrationError() {
    double error = 0;
    for (int i = 0; i < CLASSES; i++) {
      error += Math.abs(told[i] - cameTrue[i]) / count;
    }
    return error;
  }

  /** A line for each class: what was told, what came true, how many there are. */
  List<String> classes() {
    List<String> lines = new ArrayList<>();
    for (int i = 0; i < CLASSES; i++) {
      if (counts[i] > 0) {
        lines.add(
            String.format(
                Locale.ROOT,
                "%-12s told %.2f, came true %.2f, %5.1f %% of the cases",
                title,
                told[i] / counts[i],
                (double) cameTrue[i] / counts[i],
                100.0 * counts[i] / count));
      }
    }
    return lines;
  }

  /** The diagrams side by side: what was told across, what came true upwards, size by number. */
  static String svg(List<Reliability> all) {
    StringBuilder svg = new StringBuilder();
    int side = 160;
    int step = side + 50;
    svg.append(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" font-family=\"sans-serif\" font-size=\"11\">\n"
            .formatted(all.size() * step + 20, side + 80));
    svg.append("<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n");
    for (int i = 0; i < all.size(); i++) {
      svg.append("<g transform=\"translate(%d,35)\">\n".formatted(40 + i * step));
      all.get(i).draw(svg, side);
      svg.append("</g>\n");
    }
    return svg.append("</svg>\n").toString();
  }

  private void draw(StringBuilder svg, int side) {
    svg.append("<text x=\"0\" y=\"-12\" font-weight=\"bold\">%s</text>\n".formatted(title));
    svg.append(
        "<rect width=\"%d\" height=\"%d\" fill=\"none\" stroke=\"#888\"/>\n".formatted(side, side));
    svg.append(
        "<line x1=\"0\" y1=\"%d\" x2=\"%d\" y2=\"0\" stroke=\"#bbb\" stroke-dasharray=\"4\"/>\n"
            .formatted(side, side));
    for (int i = 0; i < CLASSES; i++) {
      if (counts[i] > 0) {
        svg.append(
            String.format(
                Locale.ROOT,
                "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"%.1f\" fill=\"#1668b8\" fill-opacity=\"0.7\"/>\n",
                side * told[i] / counts[i],
                side * (1 - (double) cameTrue[i] / counts[i]),
                2 + 12 * Math.sqrt((double) counts[i] / count)));
      }
    }
    for (String label : List.of("0", "0.5", "1")) {
      double at = side * Double.parseDouble(label);
      svg.append(
          String.format(
              Locale.ROOT,
              "<text x=\"%.0f\" y=\"%d\" text-anchor=\"middle\">%s</text><text x=\"-5\" y=\"%.0f\" text-anchor=\"end\">%s</text>\n",
              at,
              side + 14,
              label,
              side - at + 4,
              label));
    }
    svg.append(
        String.format(
            Locale.ROOT,
            "<text x=\"0\" y=\"%d\">calibration error %.3f, Brier %.3f</text>\n",
            side + 32,
            calibrationError(),
            brier()));
  }
}
