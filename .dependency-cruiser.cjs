/**
 * The arrows of ARCHITECTURE.md: what each room of src/ may import besides itself. A room that is not in the table may
 * import nothing of ours.
 */
const rooms = {
  core: [],
  codec: ['core'],
  runtime: ['core'],
  sdk: ['codec', 'core'],
  layouts: ['sdk', 'codec', 'core'],
  recognise: ['layouts', 'sdk', 'runtime', 'codec', 'core'],
  convert: ['recognise', 'layouts', 'sdk', 'runtime', 'codec', 'core'],
  format: ['codec', 'core'],
  infer: ['codec', 'core'],
  triage: ['core'],
  simulate: ['codec', 'core'],
  metrics: ['core'],
  audit: ['format', 'runtime', 'core'],
  reading: ['stored', 'recognise', 'format', 'runtime', 'codec', 'core'],
  stored: ['recognise', 'format', 'triage', 'runtime', 'codec', 'core'],
  receive: ['reading', 'stored', 'recognise', 'runtime', 'codec', 'core'],
  look: ['reading', 'stored', 'format', 'triage', 'runtime', 'codec', 'core'],
  decide: ['look', 'stored', 'format', 'triage', 'runtime', 'core'],
  steps: [
    'decide',
    'stored',
    'convert',
    'recognise',
    'format',
    'infer',
    'triage',
    'runtime',
    'codec',
    'core',
  ],
  upkeep: [
    'audit',
    'steps',
    'decide',
    'look',
    'receive',
    'stored',
    'convert',
    'recognise',
    'format',
    'triage',
    'runtime',
    'core',
  ],
  local: ['stored', 'convert', 'recognise', 'format', 'simulate', 'runtime', 'codec', 'core'],
  tools: [
    'local',
    'stored',
    'receive',
    'convert',
    'recognise',
    'sdk',
    'format',
    'infer',
    'simulate',
    'runtime',
    'codec',
    'core',
  ],
  evaluate: ['local', 'triage', 'infer', 'simulate', 'format', 'runtime', 'codec', 'core'],
  watch: ['recognise', 'runtime', 'codec', 'core'],
  http: ['metrics', 'upkeep', 'decide', 'look', 'receive', 'stored', 'runtime', 'core'],
  cli: [
    'evaluate',
    'tools',
    'watch',
    'audit',
    'local',
    'upkeep',
    'decide',
    'look',
    'stored',
    'runtime',
    'core',
  ],
  adapters: ['runtime', 'core'],
  // runs in browsers
  page: ['core'],
};

const onlyImports = ([room, allowed]) => ({
  name: `${room}-imports-only-its-own`,
  severity: 'error',
  from: { path: `^src/${room}/` },
  to: { path: '^(src|converters)/', pathNot: `^src/(${[room, ...allowed].join('|')})/` },
});

/** Rooms of the process that answers requests. */
const answering = '^src/(http|look|receive|decide|reading/[^/]+\\.ts$|reading/kinds)';
/** What parses, inflates or decodes bytes that a stranger wrote, and where stored bytes are read back. */
const readsStrangersBytes = [
  '^src/codec/(archive/(archive|zip|member)|xml/|raster/|pixels/|dicom/(read|pixels)/|npy|text)',
  '^src/format/rendered/(picture|values|colour)',
  '^src/recognise/(sniff|index-files|dicom-head|attach|collect|companions-among)',
  '^src/stored/(planes|instance-heads)',
  '^src/reading/work/',
];

module.exports = {
  forbidden: [
    // a circle of types alone is one too: what cannot be read without the other belongs beside it
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'no-orphans',
      severity: 'error',
      from: { orphan: true, pathNot: '(child|thread)\\.ts$|\\.d\\.ts$' },
      to: {},
    },
    ...Object.entries(rooms).map(onlyImports),
    {
      name: 'rooms-are-in-the-table',
      severity: 'error',
      from: { path: '^src/([^/]+)/', pathNot: `^src/(${Object.keys(rooms).join('|')})/` },
      to: { path: '^(src|converters)/', pathNot: '^src/$1/' },
    },
    {
      name: 'what-answers-requests-parses-nothing',
      comment: 'It streams and hashes; what strangers wrote is read by the child of src/reading/work.',
      severity: 'error',
      from: { path: answering },
      to: { path: readsStrangersBytes },
    },
    {
      name: 'work-of-readers-runs-in-their-process',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/reading/work/' },
      to: { path: '^src/reading/work/' },
    },
    {
      name: 'what-is-installed-imports-nothing-else',
      comment: 'The lab, the tests and the scripts stay in the repository.',
      severity: 'error',
      from: { path: '^(src|converters)/', pathNot: '\\.test\\.ts$' },
      to: { path: '^(lab|test|scripts|fixtures)/' },
    },
    {
      name: 'the-sdk-is-types',
      severity: 'error',
      from: { path: '^src/sdk/' },
      to: { path: '^(src|converters)/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'converters-see-their-own-folder-and-the-sdk',
      severity: 'error',
      from: { path: '^converters/([^/]+)/' },
      to: { path: '^(src|converters)/', pathNot: ['^converters/$1/', '^src/sdk/sdk\\.ts$'] },
    },
    {
      name: 'core-runs-in-a-browser',
      severity: 'error',
      from: { path: '^src/core/' },
      to: { dependencyTypes: ['core'], pathNot: '^node:none$' },
    },
    {
      name: 'the-page-runs-in-a-browser',
      severity: 'error',
      from: { path: '^src/page/' },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'nothing-imports-the-page',
      severity: 'error',
      from: { path: '^(src|converters)/', pathNot: '^src/page/' },
      to: { path: '^src/page/' },
    },
    {
      name: 'the-viewer-stands-alone',
      comment: 'Samples and settings in, picture out: no library, and nothing of the page around it.',
      severity: 'error',
      from: { path: '^src/page/viewer/' },
      to: { pathNot: '^src/(page/viewer|core)/' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
      extensions: ['.ts', '.js', '.json'],
    },
  },
};
