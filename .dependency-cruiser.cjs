/** The layers of ARCHITECTURE.md, one rule per arrow that must not exist. */
const only = (name, from, allowed) => ({
  name,
  severity: 'error',
  from: { path: from },
  to: { path: '^(src|converters)/', pathNot: allowed },
});

module.exports = {
  forbidden: [
    {
      name: 'no-cycles',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'no-orphans',
      severity: 'error',
      from: { orphan: true, pathNot: '(child|worker)\\.ts$|\\.d\\.ts$' },
      to: {},
    },
    only('core-stands-alone', '^src/core/', '^src/core/'),
    only('codec-on-core', '^src/codec/', '^src/(codec|core)/'),
    only('convert-on-codec', '^src/convert/', '^src/(convert|codec|core)/'),
    only('format-on-codec', '^src/format/', '^src/(format|codec|core)/'),
    only('infer-on-codec', '^src/infer/', '^src/(infer|codec|core)/'),
    only('triage-on-core', '^src/triage/', '^src/(triage|codec|core)/'),
    only('simulate-on-codec', '^src/simulate/', '^src/(simulate|codec|core)/'),
    only('exchange-on-codec', '^src/exchange/', '^src/(exchange|codec|core)/'),
    only('viewer-on-core', '^src/viewer/', '^src/(viewer|core)/'),
    only('adapters-implement-core', '^src/adapters/', '^src/(adapters|core)/'),
    only(
      'pipeline-in-the-middle',
      '^src/pipeline/',
      '^src/(pipeline|convert|format|infer|triage|exchange|simulate|codec|core)/',
    ),
    only('http-on-pipeline', '^src/http/', '^src/(http|pipeline|core)/'),
    only('kit-on-convert', '^src/kit/', '^src/(kit|convert|format|simulate|codec|core)/'),
    only('watch-on-convert', '^src/watch/', '^src/(watch|convert|codec|core)/'),
    only('cli-on-pipeline', '^src/cli/', '^src/(cli|kit|watch|pipeline|core)/'),
    {
      name: 'converters-see-their-own-folder-and-the-sdk',
      severity: 'error',
      from: { path: '^converters/([^/]+)/' },
      to: { path: '^(src|converters)/', pathNot: ['^converters/$1/', '^src/convert/sdk\\.ts$'] },
    },
    {
      name: 'core-runs-in-a-browser',
      severity: 'error',
      from: { path: '^src/core/' },
      to: { dependencyTypes: ['core'], pathNot: '^node:none$' },
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
