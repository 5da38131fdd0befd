import { randomUUID } from 'node:crypto';
import accepts from '@fastify/accepts';
import helmet from '@fastify/helmet';
import rateLimit from '@fastify/rate-limit';
import fastify, { type FastifyInstance, type FastifyRequest, LogController } from 'fastify';
import type { AuthenticateTx } from '../commands/authenticate.ts';
import { NiiError } from '../core/errors.ts';
import type { Tx } from '../core/ports/records.ts';
import type { TimedRecords } from '../core/ports/stores.ts';
import type { SessionTerms } from '../core/sign-in/session.ts';
import { GatheredMetrics } from '../metrics/gathered-metrics.ts';
import type { ResumableDeps } from '../receive/resumable/uploads.ts';
import { guardRoutes, knownActor } from './access.ts';
import { COUNTED_NETWORKS, networkOf } from './connections/addresses.ts';
import { type ConnectionBounds, defaultBounds } from './connections/connection-bounds.ts';
import { boundedServers, HEAD_BYTES, requireHttp } from './connections/index.ts';
import { rejectWhenLate } from './connections/late-loop.ts';
import { Traffic } from './connections/traffic.ts';
import type { PublicPlace } from './dicomweb/addresses.ts';
import { type LogChoice, logAnswers, loggerOptions } from './logging.ts';
import { type MetricStores, measured } from './metrics.ts';
import { describeInterface, documentationPages } from './openapi/openapi.ts';
import { workstationPage } from './pages/workstation.ts';
import { answerProblems, sendProblem, toNiiError } from './problems.ts';
import { auditRejections } from './rejected-calls.ts';
import type { RouteContext } from './route.ts';
import { type RouteDeps, registerRoutes, routes } from './routes/index.ts';
import { tusParts } from './routes/tus.ts';
import { requireSafetyClasses } from './safety.ts';
import { isSecurePlace } from './sign-in/cookies.ts';
import { type DemoSignIn, demoSignInRoute } from './sign-in/demo.ts';
import { Stopping, sweepWhenStopping } from './stopping.ts';
import { checkRequests } from './validation.ts';

export { closeGracefully } from './stopping.ts';

const BODY_LIMIT_BYTES = 1024 * 1024;
const LATE_LOOP_MS = 2_000;

export interface AppOptions {
  readonly version: string;
  readonly logger?: LogChoice;
  /** Serve the description for people at /docs. */
  readonly enableDocs?: boolean;
  /** Folder of the built page of the workstation, which is served at `/`; none is served unless given. */
  readonly pageFolder?: string;
  /** Requests of one key in a minute, in this process. */
  readonly requestsPerMinute?: number;
  /** Rejected keys from one network in a minute before it must wait. */
  readonly rejectedKeysPerMinute?: number;
  /** Requests are answered 503 while the event loop is later than this. */
  readonly lateLoopMs?: number;
  /** What connections may take; the defaults unless given. */
  readonly connections?: Partial<ConnectionBounds>;
  /** Addresses of proxies whose X-Forwarded-For is believed; nobody's unless given. */
  readonly trustedProxies?: readonly string[];
  /** Lets people in without a provider. The demo alone sets it. */
  readonly demoSignIn?: DemoSignIn;
  /** What the workers that this process started measured. */
  readonly workers?: GatheredMetrics;
}

interface GuardDeps extends TimedRecords<AuthenticateTx & Tx<'audit'>>, PublicPlace {
  readonly sessions: SessionTerms;
}

/** What is made for one app, from what it is given. */
type Made = 'metrics' | 'resumable' | keyof RouteContext;

type InterfaceDeps = Omit<RouteDeps, Made> & ResumableDeps & MetricStores;
export type AppDeps = InterfaceDeps & GuardDeps;

/** The HTTP interface over the use cases; it does not listen yet. */
export function buildApp(deps: AppDeps, options: AppOptions): FastifyInstance {
  const traffic = new Traffic();
  const { trustedProxies = [] } = options;
  const app: FastifyInstance = fastify({
    ...boundedServers({ ...defaultBounds, ...options.connections }, traffic, trustedProxies),
    trustProxy: trustedProxies.length === 0 ? false : [...trustedProxies],
    logger: loggerOptions(options.logger ?? false),
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: BODY_LIMIT_BYTES,
    // Schemas say how long a name is; the router would reject from 101 characters on
    routerOptions: { maxParamLength: HEAD_BYTES },
    genReqId: () => randomUUID(),
    requestIdHeader: false,
    frameworkErrors: (error, request, reply) => sendProblem(request, reply, toNiiError(error)),
  });
  traffic.logTo(app.log);
  app.removeContentTypeParser('text/plain');
  const stopping = new Stopping();
  app.setValidatorCompiler(checkRequests);
  app.setSerializerCompiler(() => (value) => JSON.stringify(value));
  answerProblems(app);
  logAnswers(app);
  sweepWhenStopping(app, stopping);
  requireHttp(app, traffic);
  app.register(accepts);
  protect(app, deps, options);
  describeInterface(app, options.version, routes);
  app.register((scope, _options, done) => {
    registerEverything(scope, { ...deps, traffic }, { stopping, version: options.version }, options);
    done();
  });
  return app;
}

function registerEverything(
  app: FastifyInstance,
  deps: InterfaceDeps & { readonly traffic: Traffic },
  context: RouteContext,
  { enableDocs = false, pageFolder, workers = new GatheredMetrics(), demoSignIn }: AppOptions,
): void {
  const metrics = measured(app, { ...deps, workers });
  registerRoutes(app, { ...deps, ...context, metrics, resumable: tusParts(deps) });
  if (demoSignIn !== undefined) demoSignInRoute(app, deps, demoSignIn);
  if (pageFolder !== undefined)
    app.register((scope, _options, done) => {
      workstationPage(scope, pageFolder);
      done();
    });
  if (!enableDocs) return;
  app.register((scope, _options, done) => {
    documentationPages(scope);
    done();
  });
}

/** Whatever does not say otherwise is kept by nobody. */
function keepOutOfCaches(app: FastifyInstance): void {
  app.addHook('onSend', async (_request, reply) => {
    if (!reply.hasHeader('cache-control')) reply.header('cache-control', 'private, no-store');
  });
}

function protect(
  app: FastifyInstance,
  deps: GuardDeps,
  { requestsPerMinute = 6000, rejectedKeysPerMinute = 60, lateLoopMs = LATE_LOOP_MS }: AppOptions,
): void {
  const directives = { upgradeInsecureRequests: null, baseUri: ["'none'"], frameAncestors: ["'none'"] };
  app.register(helmet, { contentSecurityPolicy: { directives }, frameguard: { action: 'deny' } });
  keepOutOfCaches(app);
  rejectWhenLate(app, lateLoopMs);
  const sessions = { terms: deps.sessions, isSecure: isSecurePlace(deps) };
  guardRoutes(app, deps, { rejectedKeysPerMinute, sessions });
  requireSafetyClasses(app);
  auditRejections(app, deps);
  answerOptions(app);
  app.register(rateLimit, {
    max: requestsPerMinute,
    timeWindow: 60_000,
    cache: COUNTED_NETWORKS,
    keyGenerator: (request: FastifyRequest) =>
      knownActor(request)?.keyId ?? `network:${networkOf(request.ip)}`,
    errorResponseBuilder: (_request, { max }) =>
      new NiiError('NII_RATE_LIMITED', `At most ${max} requests per minute`),
  });
}

/** Answers OPTIONS at every address with the methods that it takes. */
function answerOptions(app: FastifyInstance): void {
  const methods = new Map<string, Set<string>>();
  app.addHook('onRoute', function (route) {
    if (route.method === 'OPTIONS' || route.url.includes('*') || route.prefix !== '') return;
    const known = methods.get(route.url);
    const allowed = known ?? new Set(['OPTIONS']);
    for (const method of [route.method].flat()) allowed.add(method);
    methods.set(route.url, allowed);
    if (known !== undefined) return;
    this.route({
      method: 'OPTIONS',
      url: route.url,
      config: { roles: 'anyone' },
      schema: { hide: true },
      handler: async (_request, reply) =>
        reply
          .code(204)
          .header('allow', [...allowed].join(', '))
          .send(),
    });
  });
}
