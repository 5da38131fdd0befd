/** What the adversary knows while a history is played: the truth, what was sent, and what the service calls it. */
import type { InjectOptions } from 'fastify';
import type { Role } from '../../src/core/access.ts';
import type { Case } from '../../src/core/case/case.ts';
import type { Hold } from '../../src/core/radiation/hold.ts';
import { HoldState } from '../../src/core/radiation/hold-states.ts';
import { type Member, makeCast, toTruePersons } from './cast.ts';
import type { By, Event, History, Seconds } from './history.ts';
import type { MessageFile, Moment } from './messages.ts';
import type { Plan, PlannedVehicle } from './plan.ts';
import type { Answer, Port } from './port.ts';

/** One request of a person, before it is sent. */
export interface Request {
  readonly operation: string;
  readonly by: Member;
  readonly method: string;
  readonly url: string;
  readonly payload?: object | Buffer;
  readonly headers?: Readonly<Record<string, string>>;
  /** The file that is sent, where it is a genuine message. */
  readonly file?: MessageFile;
  /** What an honest person says of an inspection is true. */
  readonly isTrue?: boolean;
}

export interface CaseRef {
  readonly scan: string;
  readonly unit: number;
}

export class World {
  readonly port: Port;
  readonly plan: Plan;
  readonly administration: string;
  readonly cast: readonly Member[];
  readonly events: Event[] = [];
  /** Genuine messages that the service took, in order. */
  readonly sent: { readonly file: MessageFile; readonly scanId: string; readonly lane?: string }[] = [];
  /** Operational scans of vehicles. */
  readonly scans = new Set<string>();
  /** Passages by the id of the radiation record that tells of them. */
  readonly records = new Map<string, string>();
  /** References of declarations of vehicles that the service took. */
  readonly declared = new Set<string>();
  /** Persons with a conflict of interest, as the service calls them. */
  readonly conflicted = new Set<string>();
  /** Uploads in parts that somebody has begun, with their address. */
  readonly begunUploads: { readonly url: string; readonly by: Member }[] = [];
  readonly requests = new Map<string, { sent: number; accepted: number }>();
  readonly serverErrors: string[] = [];
  /** Rules that were in force when they were last looked at, by address. */
  readonly rules = new Map<string, unknown>();
  /** Who proposed last what waits for another person, by address. */
  readonly proposers = new Map<string, By>();
  now: Seconds = 0;
  /** Requests so far, and those that the service took. */
  asked = 0;
  accepted = 0;
  readonly #begin: number;
  #serial: number;

  private constructor(port: Port, plan: Plan, administration: string, cast: readonly Member[]) {
    this.port = port;
    this.plan = plan;
    this.administration = administration;
    this.cast = cast;
    this.#begin = port.clock.now().getTime();
    this.#serial = 0;
  }

  static async begin(port: Port, plan: Plan): Promise<World> {
    port.clock.advance(7 * 24 * 3600);
    const administration = port.nextAdministration(plan.seed);
    const cast = await makeCast(port.service.deps, administration, plan);
    return new World(port, plan, administration, cast);
  }

  get history(): History {
    return { vehicles: this.plan.vehicles, persons: toTruePersons(this.plan), events: this.events };
  }

  advanceTo(at: Seconds): void {
    if (at <= this.now) return;
    this.port.clock.advance(at - this.now);
    this.now = at;
  }

  readonly iso = (at: Seconds): string => new Date(this.#begin + at * 1000).toISOString();

  /** The moment on the clock of the history. */
  readonly second = (iso: string): Seconds => (Date.parse(iso) - this.#begin) / 1000;

  moment(at: Seconds): Moment {
    const { refittedAt = Number.POSITIVE_INFINITY } = this.plan;
    return { at, iso: this.iso, isRefitted: at >= refittedAt };
  }

  /** Another number with each call, also where acts were left out before. */
  nextSerial(): number {
    this.#serial += 1;
    return this.#serial;
  }

  members(role: Role): readonly Member[] {
    return this.cast.filter((member) => member.role === role);
  }

  honest(role: Role): readonly Member[] {
    return this.members(role).filter(({ colludes }) => !colludes);
  }

  /** Who is called so by the service, with a key of the role. */
  memberOf(servicePerson: string | undefined, role?: Role): Member | undefined {
    return this.cast.find(
      (member) => member.servicePerson === servicePerson && (role === undefined || member.role === role),
    );
  }

  vehicle(id: string | undefined): PlannedVehicle | undefined {
    return this.plan.vehicles.find((vehicle) => vehicle.id === id);
  }

  scansOf(vehicle: string): readonly string[] {
    return [
      ...new Set(
        this.sent.flatMap(({ file, scanId }) =>
          file.kind === 'scan' && file.of === vehicle && this.scans.has(scanId) ? [scanId] : [],
        ),
      ),
    ];
  }

  get(by: Role, url: string): Promise<Answer> {
    return this.port.ask(this.members(by)[0]?.token ?? '', { url });
  }

  async send({ operation, by, method, url, payload, headers }: Request): Promise<Answer> {
    const request = {
      method,
      url,
      ...(payload && { payload }),
      ...(headers && { headers }),
    } as InjectOptions;
    const isVisitor = headers?.cookie !== undefined;
    const answer = await this.port.ask(isVisitor ? undefined : by.token, request);
    const count = this.requests.get(operation) ?? { sent: 0, accepted: 0 };
    count.sent += 1;
    this.asked += 1;
    if (answer.status < 300) {
      count.accepted += 1;
      this.accepted += 1;
    }
    this.requests.set(operation, count);
    if (answer.status >= 500)
      this.serverErrors.push(`${operation} answers ${answer.status}: ${answer.text.slice(0, 300)}`);
    return answer;
  }

  /** Cases of a scan as they are stored: whatever a person may see, the adversary sees more. */
  cases(scanId: string): Promise<readonly Case[]> {
    return this.port.service.deps.records.transaction((tx) => tx.casesOfScan(scanId));
  }

  async holds(): Promise<readonly Hold[]> {
    const scope = { administration: this.administration, site: '*' };
    const filter = { states: HoldState.enum };
    const page = await this.port.service.deps.records.transaction((tx) => tx.holds(scope, filter, 200));
    return page.rows;
  }

  hold(id: string): Promise<Hold | undefined> {
    const scope = { administration: this.administration, site: '*' };
    return this.port.service.deps.records.transaction((tx) => tx.hold(scope, id));
  }

  /** The passage that a hold is of. */
  recordOf({ scanId }: Pick<Hold, 'scanId'>): string | undefined {
    return this.records.get(scanId);
  }

  async caseRef(id: string): Promise<CaseRef | undefined> {
    const scope = { administration: this.administration, site: '*' };
    const found = await this.port.service.deps.records.transaction((tx) => tx.case(scope, id));
    return found && { scan: found.scanId, unit: Number(found.unitId.replace(/\D/g, '') || 1) };
  }
}
