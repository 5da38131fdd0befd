/** What was marked in one scan with an object, and in scans without any. */
export interface MarkedScan {
  /** Highest score of a mark on each object; undefined where no mark lies on it. */
  readonly objects: readonly (number | undefined)[];
  /** Ordinary scans among what this stands for: those alone count false marks. */
  readonly ordinaryScans: number;
  /** Scores of the marks in them. */
  readonly falseMarks: readonly number[];
}

export interface FreeResponsePoint {
  /** Marks at or above this score count. */
  readonly score: number;
  readonly falseMarksPerScan: number;
  /** Share of objects with a mark on them, 0 to 1. */
  readonly detected: number;
}

/** The curve from the strictest score to the loosest; it ends where the model's own marks end. */
export function freeResponse(scans: readonly MarkedScan[]): readonly FreeResponsePoint[] {
  const hits = scans.flatMap(({ objects }) => objects.filter((score) => score !== undefined));
  const objects = scans.reduce((sum, scan) => sum + scan.objects.length, 0);
  const ordinary = scans.reduce((sum, scan) => sum + scan.ordinaryScans, 0);
  const marks = scans.flatMap(({ falseMarks }) => falseMarks);
  if (objects === 0 || ordinary === 0) return [];
  const falling = (a: number, b: number) => b - a;
  const [hitScores, markScores] = [hits.toSorted(falling), marks.toSorted(falling)];
  const levels = [...new Set([...hitScores, ...markScores])].sort(falling);
  let [hit, mark] = [0, 0];
  return levels.map((score) => {
    while ((hitScores[hit] ?? Number.NEGATIVE_INFINITY) >= score) hit++;
    while ((markScores[mark] ?? Number.NEGATIVE_INFINITY) >= score) mark++;
    return { score, falseMarksPerScan: mark / ordinary, detected: hit / objects };
  });
}

/** Share of objects found where a scan has at most this many false marks; undefined without objects or ordinary scans. */
export function detectedAt(scans: readonly MarkedScan[], falseMarksPerScan: number): number | undefined {
  const objects = scans.reduce((sum, scan) => sum + scan.objects.length, 0);
  const ordinary = scans.reduce((sum, scan) => sum + scan.ordinaryScans, 0);
  if (objects === 0 || ordinary === 0) return undefined;
  const marks = Float64Array.from(scans.flatMap(({ falseMarks }) => falseMarks)).sort();
  const allowed = Math.floor(falseMarksPerScan * ordinary + 1e-9);
  // the highest mark that is one too many: what counts is above it
  const above = marks[marks.length - 1 - allowed] ?? Number.NEGATIVE_INFINITY;
  const hits = scans.flatMap((scan) => scan.objects.filter((score) => score !== undefined && score > above));
  return hits.length / objects;
}
