/** `npm run measure -- NAME [options]`: measures one thing and prints its figures; without a name, prints which there are. */
interface Measure {
  readonly summary: string;
  /** Measures as soon as it is loaded. */
  readonly load: () => Promise<unknown>;
}

const measures: Readonly<Record<string, Measure>> = {
  codecs: {
    summary: 'ratio and speed of the lossless codecs on arrays of a folder',
    load: () => import('./measure/codecs.ts'),
  },
  containers: {
    summary: 'accuracy of separating two containers on one truck',
    load: () => import('./measure/containers.ts'),
  },
  conversion: {
    summary: 'time of a conversion in a new process, a ready one and one that is kept',
    load: () => import('./measure/conversion.ts'),
  },
  empty: {
    summary: 'how often the check without a model finds a container empty or loaded',
    load: () => import('./measure/empty.ts'),
  },
  encryption: {
    summary: 'objects written and read with a key file and without',
    load: () => import('./measure/encryption.ts'),
  },
  failover: {
    summary: 'what clients see while servers, lines and processes fail',
    load: () => import('./measure/failover.ts'),
  },
  lists: {
    summary: 'time of every list, queue and search over many scans',
    load: () => import('./measure/lists.ts'),
  },
  page: {
    summary: 'what the workstation takes in Chromium',
    load: () => import('./measure/page.ts'),
  },
  peers: {
    summary: 'DX files stored and read back, beside Orthanc',
    load: () => import('./measure/peers.ts'),
  },
  percentiles: {
    summary: 'whether percentiles of fresh ordinary scans are uniform',
    load: () => import('./measure/percentiles.ts'),
  },
  runner: {
    summary: 'what a run of a model costs in a thread and in a process',
    load: () => import('./measure/runner.ts'),
  },
  samples: {
    summary: 'ranges of samples that the service sends in a second',
    load: () => import('./measure/samples.ts'),
  },
  sustained: {
    summary: 'scans of 25 MB at an even pace: time, memory, processor time',
    load: () => import('./measure/sustained.ts'),
  },
  start: {
    summary: 'how long the service takes until it is ready',
    load: () => import('./measure/start.ts'),
  },
  train: {
    summary: 'memory and time of scans that are very wide',
    load: () => import('./measure/train.ts'),
  },
  turns: {
    summary: 'what views and scans take while others look at damaged pictures and send files that never end',
    load: () => import('./measure/turns.ts'),
  },
  workers: {
    summary: 'what a second worker adds',
    load: () => import('./measure/workers.ts'),
  },
};

const [, , name = '--help'] = process.argv;
const help = `npm run measure -- NAME [options]

${Object.entries(measures)
  .map(([known, { summary }]) => `  ${known.padEnd(12)} ${summary}`)
  .join('\n')}

npm run measure -- NAME --help prints the options of most of them.`;

const measure = Object.hasOwn(measures, name) ? measures[name] : undefined;
if (measure !== undefined) {
  process.argv.splice(2, 1); // what is left are the options of the measure
  await measure.load();
} else if (name === '--help' || name === '-h') console.log(help);
else {
  console.error(`Unknown measure "${name}".\n\n${help}`);
  process.exitCode = 2;
}
