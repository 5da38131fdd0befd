/**
 * How much the tests that search at random try. `npm test` runs the small size from a fixed seed; `npm run long` sets
 * NII_TEST_SEARCH=large and a new seed for each slice; `npm run check` takes a glance.
 */
export interface SearchSize {
  /** Runs of each property, as a share of the full number. NII_TEST_EFFORT overrides it. */
  readonly effort: number;
  /** Of a rule that is compared on every combination of what can be known: one in so many, from a place that the seed gives. */
  readonly oneIn: number;
  /** Kills of service, worker and database on each store. */
  readonly kills: number;
  /** Moments at which the power goes. */
  readonly powerCuts: number;
  /** Rounds in which processes race to start a killed PostgreSQL. */
  readonly databaseRaces: number;
  readonly watch: {
    readonly watcherKills: number;
    readonly serviceKills: number;
    readonly leastScans: number;
    readonly mostScans: number;
  };
  /** Scans that arrive while versions of a model are switched. */
  readonly switchScans: number;
  /** A portal's daily log: its length, and how often it is sent while it grows. */
  readonly portalLog: { readonly occupancies: number; readonly sendings: number };
  /** Uploads before the database is lost, and times to which it is recovered. */
  readonly pointInTime: { readonly seconds: number; readonly recoveries: number };
  /** Simulated time at a border post, from the minute of the day at which it begins. */
  readonly week: { readonly begins: number; readonly minutes: number };
  /** Wagons of a train of 2,500 columns each, and the sections that DICOS makes of it. */
  readonly train: { readonly wagons: number; readonly sections: number };
  /** Files on which a conversion or a decoder never ends, and what others do meanwhile. */
  readonly endless: {
    readonly scans: number;
    readonly scansOfOthers: number;
    readonly pictures: number;
    readonly watchMs: number;
  };
  readonly httpRequests: number;
  /** In which histories of a port begin. */
  readonly portSeconds: number;
  /** Requests without a key in each flood of sign-ins. */
  readonly signInRequests: number;
  /** Requests in which a planted fault has to be found. */
  readonly plantedFaultRequests: number;
  /** Milliseconds in which changed files are tried on each fuzz target. */
  readonly fuzzMs: number;
  /** Changed files on which each claim about a converter is tested, and places at which they are cut. */
  readonly converterInputs: { readonly inputs: number; readonly cuts: number };
}

const sizes = {
  small: {
    effort: 0.1,
    oneIn: 1,
    kills: 5,
    powerCuts: 1,
    databaseRaces: 3,
    watch: { watcherKills: 2, serviceKills: 1, leastScans: 6, mostScans: 30 },
    switchScans: 40,
    portalLog: { occupancies: 100, sendings: 20 },
    pointInTime: { seconds: 20, recoveries: 2 },
    week: { begins: 8 * 60, minutes: 60 },
    train: { wagons: 14, sections: 3 },
    endless: { scans: 20, scansOfOthers: 3, pictures: 30, watchMs: 6_000 },
    httpRequests: 1400,
    portSeconds: 120,
    signInRequests: 10_000,
    plantedFaultRequests: 150,
    fuzzMs: 300,
    converterInputs: { inputs: 50, cuts: 15 },
  },
  large: {
    effort: 1,
    oneIn: 1,
    kills: 100,
    powerCuts: 100,
    databaseRaces: 50,
    watch: { watcherKills: 5, serviceKills: 2, leastScans: 8, mostScans: 60 },
    switchScans: 160,
    portalLog: { occupancies: 500, sendings: 200 },
    pointInTime: { seconds: 600, recoveries: 10 },
    week: { begins: 0, minutes: 7 * 24 * 60 },
    train: { wagons: 40, sections: 7 },
    endless: { scans: 1000, scansOfOthers: 60, pictures: 1000, watchMs: 120_000 },
    httpRequests: 4200,
    portSeconds: 600,
    signInRequests: 1_000_000,
    plantedFaultRequests: 300,
    fuzzMs: 1500,
    converterInputs: { inputs: 200, cuts: 40 },
  },
} satisfies Record<string, SearchSize>;

const glance: SearchSize = { ...sizes.small, effort: 0.05, oneIn: 11 };

const wanted = process.env.NII_TEST_SEARCH;

/** Whether this is a slice of `npm run long`. */
export const isLargeSearch = wanted === 'large';

/** An unknown size is the small one. */
export const searchSize: SearchSize = wanted === 'glance' ? glance : sizes[isLargeSearch ? 'large' : 'small'];

/** The sizes of `npm run long`. */
export const largeSearch: SearchSize = sizes.large;

/** What a search starts from: the same one in each `npm test`, unless NII_TEST_SEED is set. Each run prints it. */
export const searchSeed = Number(process.env.NII_TEST_SEARCH_SEED ?? 1);

const effort = Number(process.env.NII_TEST_EFFORT ?? searchSize.effort);

/** Number of runs of a property, where `full` is the number in a long run. */
export function runs(full: number): number {
  return Math.max(5, Math.round(full * effort));
}

/** One in `oneIn` of all combinations, each as likely; the seed of the run's order says which. */
export function* someOf<T>(all: Iterable<T>): Generator<T> {
  let place = Number(process.env.NII_TEST_SEED ?? 0);
  for (const one of all) {
    if (place % searchSize.oneIn === 0) yield one;
    place += 1;
  }
}
